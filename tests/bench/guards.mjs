// What guards do at run time: read by tests/bench/guards_node.py, one process a file, which can write nothing.
//
// stdin: { original, guarded, functions: [{ name, parameters, guards, checks }] }; stdout: counts and what was found.

import { inspect } from "node:util";
import { pathToFileURL } from "node:url";

const PASSED = Symbol("passed");
const pool = () => [
  1, "a", [1], { a: 1 }, () => 1, 2, 0, -1, 0.5, -0.5, 100, NaN, Infinity, "utf-8", "", true, false, null, undefined,
  [], ["a"], {}, new Map([[1, 2]]), new Set([1]), function named(x) { return x; }, Symbol("s"), 1n, new Date(0), /a/g,
  new Uint8Array(2), Object.create(null), { length: 0 }, { length: 1, 0: "a" }, new (class Thing { name = "t"; })(),
];

const is = {
  string: (v) => typeof v === "string", number: (v) => typeof v === "number", boolean: (v) => typeof v === "boolean",
  bigint: (v) => typeof v === "bigint", symbol: (v) => typeof v === "symbol", array: (v) => Array.isArray(v),
};

const ranges = {
  positive: (v) => v > 0, "non-negative": (v) => v >= 0, "non-zero": (v) => v !== 0, "at-least": (v, a) => v >= a,
  "more-than": (v, a) => v > a, "at-most": (v, a) => v <= a, "less-than": (v, a) => v < a,
  between: (v, a, b) => a <= v && v <= b, "between-open": (v, a, b) => a < v && v < b,
  "between-open-low": (v, a, b) => a < v && v <= b, "between-open-high": (v, a, b) => a <= v && v < b,
};

// Whether a check lets a value through, told from what was derived and not from the guard; null where nobody says.
function passes(check, value) {
  if (check.missing && (value === null || value === undefined)) return true;
  switch (check.kind) {
    case "type": case "number": return check.types.some((type) => is[type](value));
    case "callable": return typeof value === "function";
    case "present": return value !== null && value !== undefined;
    case "choice": return check.choices.some((choice) => eval(choice) === value);
    case "non-empty": case "non-empty-length":
      return typeof value === "string" || Array.isArray(value) ? value.length > 0 : null;
    default:
      if (typeof value !== "number" || Number.isNaN(value)) return null;
      return ranges[check.kind](value, Number(check.a), Number(check.b));
  }
}

const counts = {};
const told = [];
const count = (what, more = 1) => { counts[what] = (counts[what] ?? 0) + more; };

function valuesOf(checks) {
  const values = pool();
  for (const check of checks) {
    values.push(...check.choices.map((choice) => eval(choice)));
    for (const bound of [check.a, check.b]) {
      if (bound) values.push(Number(bound), Number(bound) - 1, Number(bound) + 1);
    }
  }
  return values;
}

// A function of guards alone; names of the file that they raise are made up.
function alone(one) {
  const made = {};
  for (let times = 0; times < 5; times += 1) {
    const names = Object.keys(made);
    const guarded = new Function(...names, "PASSED", `return (${one.parameters.join(", ")}) => {\n${one.guards}\nreturn PASSED; }`);
    const ready = guarded(...names.map((name) => made[name]), PASSED);
    try { ready(); } catch (error) {
      const missing = error instanceof ReferenceError && /^(\w+) is not defined/.exec(error.message);
      if (missing) { made[missing[1]] = class extends Error {}; continue; }
    }
    return ready;
  }
  return null;
}

function guards(one) {
  const ready = alone(one);
  if (ready === null) return;
  const good = one.parameters.map((name) => {
    const own = one.checks.filter((check) => check.name === name);
    return valuesOf(own).filter((value) => own.every((check) => passes(check, value) === true));
  });
  if (good.some((found) => !found.length)) { count("no allowed value at hand"); return; }
  count("functions run");
  const usual = good.map((found) => found[0]);
  const at = (place, value) => usual.map((one, number) => (number === place ? value : one));
  good.forEach((found, place) => found.forEach((value) => {
    count("allowed values");
    try {
      if (ready(...at(place, value)) === PASSED) count("allowed values that pass");
    } catch (error) { told.push(`${one.name}: ${one.parameters[place]}=${inspect(value)} is allowed and refused: ${error}`); }
  }));
  for (const check of one.checks) {
    const place = one.parameters.indexOf(check.name);
    const own = one.checks.filter((other) => other.name === check.name);
    for (const value of valuesOf(own)) {
      if (passes(check, value) !== false || own.slice(0, own.indexOf(check)).some((other) => passes(other, value) === false)) continue;
      count("refused values");
      count(`refused values of ${check.kind}`);
      try {
        ready(...at(place, value));
        told.push(`${one.name}: ${check.name}=${inspect(value)} should be refused (${check.kind})`);
      } catch (error) {
        count("refused values that raise");
        if (error instanceof ReferenceError) told.push(`${one.name}: ${error}`);
      }
    }
  }
}

async function outcome(called, self, given) {
  try {
    let value = called.apply(self, given());
    if (value && typeof value.then === "function") {
      const late = new Promise((done) => setTimeout(done, 30, "still waiting"));
      value = await Promise.race([value, late]);
    }
    return { value: inspect(value, { depth: 4 }).slice(0, 2000) };
  } catch (error) {
    return { error: String(error?.name) };
  }
}

// Each function of the file as it is and with guards, on what it may be given.
async function whole(one, before, after) {
  const [was, now] = [before[one.name] ?? before.default?.[one.name], after[one.name] ?? after.default?.[one.name]];
  if (typeof was !== "function" || typeof now !== "function" || /^class\b/.test(String(was))) return;
  const good = one.parameters.map((name) => {
    const own = one.checks.filter((check) => check.name === name && check.promised);
    return () => valuesOf(own).filter((value) => own.every((check) => passes(check, value) === true));
  });
  const sizes = good.map((found) => found().length);
  if (sizes.some((size) => !size)) return;
  const calls = [];
  sizes.forEach((size, place) => {
    for (let at = 0; at < size; at += 1) calls.push(sizes.map((_, other) => (other === place ? at : 0)));
  });
  for (let turn = 0; turn < 40; turn += 1) calls.push(sizes.map((size, place) => (turn * 7 + place * 5) % size));
  let same = 0;
  for (const places of calls) {
    const given = () => good.map((found, place) => found()[places[place]]);
    const [first, again, then] = [await outcome(was, before, given), await outcome(was, before, given), await outcome(now, after, given)];
    if (JSON.stringify(first) !== JSON.stringify(again)) continue;
    same += 1;
    count("whole: calls");
    if (first.error !== undefined) {
      count("whole: calls that fail today");
      if (then.error === undefined) told.push(`${one.name}(${inspect(given())}) failed and does no longer`);
      else count("whole: calls that fail today and with guards");
    } else {
      count("whole: calls that go well today");
      if (first.value === then.value) count("whole: calls that go well and the same with guards");
      else told.push(`${one.name}(${inspect(given())}) gave ${first.value?.slice(0, 80)} and gives ${inspect(then).slice(0, 120)}`);
    }
  }
  if (same) count("whole: functions");
}

// The clock stands still and chance is none, so that the same call does the same.
const Clock = Date;
globalThis.Date = class Date extends Clock {
  constructor(...given) { super(...(given.length ? given : [0])); }
  static now() { return 0; }
};
performance.now = () => 0;
Math.random = () => 0.5;

let text = "";
for await (const piece of process.stdin) text += piece;
const asked = JSON.parse(text);
const say = console.log;
for (const quiet of ["log", "warn", "error", "info", "debug"]) console[quiet] = () => {};
process.on("unhandledRejection", () => {});
process.on("uncaughtException", () => {});
const end = () => { process.stdout.write(`\n\u0001${JSON.stringify({ counts, told })}\n`); process.reallyExit(0); };
for (const one of asked.functions) guards(one);
if (asked.original) {
  setTimeout(end, 8000).unref();
  try {
    const [before, after] = [await import(pathToFileURL(asked.original)), await import(pathToFileURL(asked.guarded))];
    for (const one of asked.functions.filter((each) => each.whole)) await whole(one, before, after);
  } catch (error) {
    count("not importable here");
  }
}
end();
