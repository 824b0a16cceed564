// How long a person waits in VS Code: a window is opened on a file, and keys are pressed. See tests/bench/editors.py.
//
//   node vscode_times.mjs TOOLS EXTENSION.vsix SERVER PROJECT FOLDER KEYS WINDOWS ACTIONS
//
// Prints one line of JSON: `first`, milliseconds from opening a file to the first suggestion, one a window; `keys`, a
// pair a key: when it was pressed and when ghost text stood there (0: never), both in Unix milliseconds; `made`,
// milliseconds from a row of the menu to its diff, `told` to the progress of one that takes for ever, `stopped` from
// Escape until that is gone or says so; `frames` and `idle`, the longest time between two frames during each of them, and while
// nothing is done.

import process from "node:process";
import { pause, start, until } from "./workbench.mjs";

const [tools, extension, server, project, folder, keys, windows, actions] = process.argv.slice(2);
const code = await start({
  tools, extension, project, folder,
  files: { "shop/shop/twice.py": 'def twice(size: int) -> int:\n    """Two times the size."""\n    ...\n' },
  // whether VS Code indents right after it has opened a file depends on what it has loaded by then
  user: { "dovetail.completion.confidence": -30, "dovetail.completion.chance": 0, "editor.autoIndent": "none" },
  machine: { "dovetail.server.path": server },
});
const { page } = code;

/** In the page, so that no other process is in between: the last key, and the first ghost text after it. */
const watch = () => page.evaluate(() => {
  const clock = () => performance.timeOrigin + performance.now();
  const ghost = ".ghost-text-decoration, .ghost-text-decoration-preview, .ghost-text, .suggest-preview-text";
  window.waited = { key: 0, ghost: 0 };
  window.addEventListener("keydown", ({ key }) => {
    window.waited = { key: clock(), ghost: 0 };
    if (key === "Escape") acted.escape = clock();
  }, true);
  window.addEventListener("mouseup", () => { acted.chosen = acted.last = clock(); }, true);
  const acted = (window.acted = {});
  const says = (selector, words) => [...document.querySelectorAll(selector)].some((one) => one.textContent.includes(words));
  new MutationObserver(() => {
    if (!window.waited.ghost && document.querySelector(ghost)) window.waited.ghost = clock();
    if (!acted.chosen || acted.over) return;
    const told = says(".notification-toast", acted.title);
    if (told) acted.told ??= clock();
    if (acted.told && acted.escape && (!told || says(".notification-toast", "stopped"))) acted.stopped ??= clock();
    if (says(".modified-in-monaco-diff-editor .view-line", "raise")) acted.made ??= clock();
  }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  const frame = () => {
    if (acted.chosen && !acted.over) acted.frames = Math.max(acted.frames ?? 0, clock() - acted.last);
    acted.last = clock();
    requestAnimationFrame(frame);
  };
  frame();
});
const waited = () => page.evaluate(() => window.waited);

/** What came of the row `title`, once `what` of it is known. */
async function acts(title, choose, what) {
  const begin = (now) => page.evaluate((given) => {
    for (const key of Object.keys(window.acted)) delete window.acted[key];
    Object.assign(window.acted, given);
  }, now);
  await begin({ title, over: true });
  await choose(() => begin({ title }));
  await until(() => page.evaluate((name) => window.acted[name], what), `${title}: ${what}`);
  return page.evaluate(() => window.acted);
}

/** Choose a row of the menu; `begin` is called before the click. */
async function choose(title, begin) {
  const row = page.locator(".action-widget .monaco-list-row", { hasText: title }).first();
  await until(async () => {
    await page.keyboard.press("Control+.");
    if (await row.waitFor({ timeout: 5000 }).then(() => true, () => false)) return true;
    await page.keyboard.press("Escape");
    return false;
  }, `the menu has a row ${title}`);
  await begin();
  await row.click();
}

async function func(name) {
  await page.keyboard.press("Control+End");
  await page.keyboard.type(`\n\ndef ${name}(items: list[Item]) -> Item:\n`);
  await page.keyboard.type('    """The item with the highest price."""\n');
  await page.keyboard.type("    return");
}

try {
  const first = [];
  for (let window_ = 0; window_ < Number(windows); window_++) {
    if (window_) await code.show(`?folder=${code.workspace}`);
    await watch();
    const began = Date.now();
    await code.open("prices.py");
    await func("dearest");
    await until(async () => {
      await page.keyboard.type(" ");
      for (let step = 0; step < 25; step++) {
        if (await code.ghost()) return true;
        await pause(30);
      }
      await page.keyboard.press("Backspace"); // nobody was there to be asked
      return false;
    }, "there is a first suggestion");
    first.push(Date.now() - began);
    await code.command("File: Revert File");
    await until(async () => !(await code.dirty()).length, "the text is as before");
  }
  await code.ready();
  const samples = [];
  for (let number = 0; number < Number(keys); number++) {
    await func(`dearest_${number}`);
    await page.keyboard.press("Escape");
    await until(async () => !(await code.ghost()), "there is none yet");
    await page.keyboard.type(" ");
    const found = await until(async () => {
      const now = await waited();
      return now.ghost && now;
    }, "ghost text is shown", 5000).catch(waited); // silence is an answer
    samples.push([found.key, found.ghost]);
    await code.command("File: Revert File");
    await until(async () => !(await code.dirty()).length, "the text is as before");
  }
  const made = [];
  const frames = [];
  for (let number = 0; number < Number(actions); number++) {
    await page.keyboard.press("Control+End");
    await page.keyboard.type(`\n# ${number}`); // what was made for a text is kept
    await code.goTo(21, 6);
    const seen = await acts("Add validation", (begin) => choose("Add validation", begin), "made");
    made.push(seen.made - seen.chosen);
    frames.push(seen.frames);
    await code.diff("raise");
    await page.keyboard.press("Escape");
    await code.noDiff();
  }
  const told = [];
  const stopped = [];
  await code.open("twice.py");
  for (let number = 0; number < Number(actions); number++) {
    const models = code.servers().flatMap((id) => code.children(id, "model.worker"));
    models.forEach((id) => process.kill(id, "SIGSTOP")); // it thinks for ever
    try {
      await code.goTo(1, 6);
      const seen = await acts("Implement twice", async (begin) => {
        await choose("Implement twice", begin);
        await until(() => page.evaluate(() => window.acted.told), "it is told of");
        await code.focus();
        await page.keyboard.press("Escape");
      }, "stopped");
      told.push(seen.told - seen.chosen);
      stopped.push(seen.stopped - seen.escape);
      frames.push(seen.frames);
    } finally {
      models.forEach((id) => process.kill(id, "SIGCONT"));
    }
    await until(async () => !(await code.toasts()).includes("Implement twice"), "nothing is told any more");
  }
  const idle = [];
  for (let number = 0; number < Number(actions); number++) {
    await page.evaluate(() => Object.assign(window.acted, { chosen: 1, over: false, frames: 0 }));
    await pause(500);
    idle.push(await page.evaluate(() => window.acted.frames));
  }
  console.log(JSON.stringify({ first, keys: samples, made, told, stopped, frames, idle }));
} catch (problem) {
  console.error(`${problem.message}\n${await code.toasts().catch(() => "")}`);
  process.exitCode = 1;
} finally {
  await code.close();
}
process.exit();
