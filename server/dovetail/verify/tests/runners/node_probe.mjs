// What a function answers to each of some arguments, as text: the one argument names a job in JSON, the other the report.
import { existsSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { Script } from "node:vm";

const LONGEST = 400;
const MANY = 1000;
const [job, report] = process.argv.slice(2);
const { file, name, holder, made, inputs, ms } = JSON.parse(readFileSync(job, "utf8"));

// as `import` or as `require`: by the ending, else by the nearest package, else by what is written
function isModule(text) {
  const ending = extname(file);
  if (/^\.m/.test(ending)) return true;
  if (/^\.c/.test(ending)) return false;
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest)) {
      if (JSON.parse(readFileSync(manifest, "utf8")).type === "module") return true;
      break;
    }
    if (folder === dirname(folder)) break;
  }
  return /^\s*(?:import\s*[\w{*"']|export\s)/m.test(text);
}

// the file with one more export, beside the file itself, so that what it brings in is found
async function loaded() {
  const text = readFileSync(file, "utf8");
  const module = isModule(text);
  const first = holder || name;
  const ending = extname(file).replace(/^\.[mc]?/, module ? ".m" : ".c");
  const more = module
    ? `export { ${first} as dovetailProbe };`
    : `module.exports.dovetailProbe = typeof ${first} === "undefined" ? module.exports.${first} : ${first};`;
  const place = join(dirname(file), `${basename(file, extname(file))}.dovetail-probe${ending}`);
  writeFileSync(place, `${text}\n;${more}\n`);
  try {
    const found = await import(pathToFileURL(place).href);
    return found.dovetailProbe ?? found.default?.dovetailProbe;
  } finally {
    unlinkSync(place);
  }
}

function callee(found) {
  if (!holder) return () => found;
  if (typeof found?.[name] === "function") return () => found[name].bind(found);
  const make = new Function(holder, `return ${made}`);
  return () => {
    const object = make(found);
    return object[name].bind(object);
  };
}

function drained(value) {
  if (typeof value?.next !== "function" || typeof value[Symbol.iterator] !== "function") return value;
  const found = [];
  for (const one of value) if (found.push(one) > MANY) break;
  return found;
}

const shown = (value) => inspect(value, { depth: 6, breakLength: Infinity, compact: 9 }).slice(0, LONGEST);

async function answer(get, given) {
  try {
    // whatever runs in a script can be stopped, an endless loop too
    globalThis.dovetailCall = () => drained(get()(...given()));
    const value = new Script("dovetailCall()").runInThisContext({ timeout: ms });
    if (typeof value?.then !== "function") return shown(value);
    const late = new Promise((done) => setTimeout(done, ms, "!late"));
    return await Promise.race([value.then(shown), late]);
  } catch (error) {
    if (error?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return "!late";
    return `!${error?.name ?? error?.constructor?.name ?? typeof error}`;
  }
}

let told;
try {
  const found = await loaded();
  if (typeof found !== "function") throw Object.assign(new Error(), { code: "NOT_THERE" });
  const get = callee(found);
  const said = [];
  for (const written of inputs) {
    said.push(await answer(get, new Function(`return [${written.slice(1, -1)}]`)));
  }
  told = { said };
} catch (error) {
  told = { broken: `${error?.name ?? "Error"}: ${error?.message ?? error}`.slice(0, LONGEST), code: error?.code ?? "" };
}
writeFileSync(report, JSON.stringify(told));
process.exit(0);
