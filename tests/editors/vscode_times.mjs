// How long a person waits in VS Code: a window is opened on a file, and keys are pressed. See tests/bench/editors.py.
//
//   node vscode_times.mjs TOOLS EXTENSION.vsix SERVER PROJECT FOLDER KEYS WINDOWS
//
// Prints one line of JSON: `first`, milliseconds from opening a file to the first suggestion, one a window; `keys`, a
// pair a key: when it was pressed and when ghost text stood there (0: never), both in Unix milliseconds.

import process from "node:process";
import { pause, start, until } from "./workbench.mjs";

const [tools, extension, server, project, folder, keys, windows] = process.argv.slice(2);
const code = await start({
  tools, extension, project, folder,
  user: { "dovetail.completion.confidence": -30, "dovetail.completion.chance": 0 },
  machine: { "dovetail.server.path": server },
});
const { page } = code;

/** In the page, so that no other process is in between: the last key, and the first ghost text after it. */
const watch = () => page.evaluate(() => {
  const clock = () => performance.timeOrigin + performance.now();
  const ghost = ".ghost-text-decoration, .ghost-text-decoration-preview, .ghost-text, .suggest-preview-text";
  window.waited = { key: 0, ghost: 0 };
  window.addEventListener("keydown", () => { window.waited = { key: clock(), ghost: 0 }; }, true);
  new MutationObserver(() => {
    if (!window.waited.ghost && document.querySelector(ghost)) window.waited.ghost = clock();
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
});
const waited = () => page.evaluate(() => window.waited);

async function func(name) {
  await page.keyboard.press("Control+End");
  await page.keyboard.type(`\n\ndef ${name}(items: list[Item]) -> Item:\n`);
  await page.keyboard.type('"""The item with the highest price."""\n');
  await page.keyboard.type("return");
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
  console.log(JSON.stringify({ first, keys: samples }));
} finally {
  await code.close();
}
process.exit(0);
