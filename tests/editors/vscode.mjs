// Drives a real VS Code (code-server) in a real browser: types, presses keys, reads the page.
//
//   node vscode.mjs TOOLS EXTENSION.vsix SERVER PROJECT FOLDER [PICTURES]
//
// Prints one line of JSON a scenario, `{name, seconds, error}`. FOLDER is empty and takes all that is written.
// ONLY=pattern runs the scenarios whose names match, after the first.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { REPORT, SCALE, STOCK } from "./fixtures.mjs";
import { pause, start, until } from "./workbench.mjs";

const [tools, extension, server, project, folder, pictures] = process.argv.slice(2);

const code = await start({
  tools, extension, project, folder, pictures,
  // whatever the model says is shown, however slow this machine is
  user: { "dovetail.completion.confidence": -30, "dovetail.completion.chance": 0, "dovetail.completion.patience_ms": 30000 },
  // tests are run with the interpreter that runs these: it has pytest
  machine: { "dovetail.server.path": server, "dovetail.python": join(dirname(server), "python") },
});
const { page, keys, workspace } = code;
const file = join(workspace, "shop/prices.py");
const original = readFileSync(file, "utf8").replace(/\n$/, "\n");
const prices = () => readFileSync(file, "utf8");
let shown = "";

function check(true_, what) {
  if (!true_) throw new Error(what);
}

/** VS Code's own text of prices.py, as it was at the start. */
const restore = async () => {
  await code.open("prices.py");
  await code.restore(shown);
};

async function chooseValidation() {
  await code.goTo(21, 6);
  await code.choose("Add validation");
  await code.diff("raise TypeError");
}

const applied = () => until(async () => (await code.text()).includes('raise TypeError(f"price must'), "the edit is applied");

async function writeAFunction(name = "dearest") {
  await keys.press("Control+End");
  await keys.type(`\n\ndef ${name}(items: list[Item]) -> Item:\n`);
  await keys.type('"""The item with the highest price."""\n');
  const begun = ["return", "best = max", "found ="];
  await keys.type(begun[0]);
  await until(async () => {
    await keys.type(" ");
    if (await until(steady, "ghost text is shown", 5000).catch(() => "")) return true;
    begun.push(begun.shift()); // the server may just be starting, or have nothing to say here; a person would go on
    await keys.press("Shift+Home");
    await keys.type(begun[0]);
    return false;
  }, "ghost text is shown");
}

async function suggestsAgain() {
  await until(async () => {
    await restore();
    await writeAFunction().catch(() => {});
    return code.ghost();
  }, "there are suggestions again");
  await keys.press("Escape");
  await restore();
}

/** The ghost text, once it stands still: what the newest key asked for may take the place of an older one. */
async function steady() {
  const shown = await code.ghost();
  await pause(300);
  return shown && shown === (await code.ghost()) ? shown : "";
}

/** Do something for which the server has to start anew. */
async function restarts(act) {
  const before = code.servers();
  await act();
  await until(() => {
    const now = code.servers();
    return now.length && !now.some((id) => before.includes(id));
  }, "another server runs");
  await code.ready();
}

/** What is written beside the changes. */
const notes = () => page.$$eval(".view-line [class*='ced-']",
  (all) => all.map((one) => getComputedStyle(one, "::after").content).join("\n").replace(/\u00a0/g, " "));

/** The tooltip of the status bar says this in the end. */
const tells = (words, ms) => until(async () => (await code.tooltip()).includes(words), `the status says ${words}`, ms);

async function closeTab(label) {
  const tab = `.tab[aria-label*="${label}"]`;
  await page.click(tab, { button: "middle" });
  await until(async () => !(await page.$(tab)), `the tab ${label} is closed`);
}

/** A project file that is there for one scenario; the server has read it when its tab is open. */
async function write(name, text) {
  writeFileSync(join(workspace, "shop", name), text);
  await code.open(name);
}

const scenarios = {
  async "the server starts and the status bar names the model"() {
    await code.open("prices.py");
    shown = await code.text();
    await keys.press("Control+b"); // the room is for the code
    await code.ready();
    const told = await code.tooltip();
    check(told.includes("not trusted"), `not restricted: ${told}`);
    await page.hover("[id$='dovetail.status']");
    await code.picture("status");
    await page.mouse.move(400, 300);
  },

  async "the first start offers a walkthrough, which suggests and checks in an unsaved file"() {
    const toast = page.locator(".notification-toast", { hasText: "What can it do?" });
    await toast.locator(".monaco-button", { hasText: "Show Me" }).click();
    await page.waitForSelector(".gettingStartedContainer .step-title, .getting-started-step");
    for (const step of ["The model", "A suggestion", "A verified edit"]) {
      await until(async () => (await code.all(".gettingStartedContainer")).includes(step), `the step ${step}`);
    }
    await code.picture("walkthrough");
    await until(async () => {
      await code.command("Dovetail: Try a Suggestion"); // the first start is still settling: what opens last has the keys
      return until(async () => (await code.text()).includes("def discount"), "it is shown", 8000).catch(() => false);
    }, "an unsaved file is shown");
    await until(async () => {
      if (await until(steady, "it has ghost text", 8000).catch(() => "")) return true;
      await code.command("Trigger Inline Suggestion"); // a person would ask again
      return false;
    }, "an unsaved file has ghost text");
    await keys.press("Tab");
    await until(async () => !(await code.ghost()), "it is accepted");
    await code.command("Dovetail: Try a Verified Edit");
    await code.diff("raise TypeError");
    await keys.press("Control+Enter");
    await code.noDiff();
    await until(async () => (await code.text()).includes("raise TypeError"), "the edit is applied");
    await code.command("View: Revert and Close Editor");
    await code.open("prices.py");
    if (await page.$(".tab[aria-label*='Welcome']")) await closeTab("Welcome");
  },

  async "a hover shows facts, and its links lead there"() {
    await code.goTo(21, 8);
    await until(async () => {
      await keys.press("Control+k");
      await keys.press("Control+i");
      return until(async () => (await code.all(".monaco-hover .hover-contents")).includes("Called by"), "it is shown", 5000).catch(() => false);
    }, "the hover is shown");
    await code.picture("hover");
    await page.locator(".monaco-hover .hover-contents a", { hasText: "Order.total" }).click();
    await page.waitForSelector('.tab.active[data-resource-name="orders.py"]');
    await closeTab("orders.py");
    await code.open("prices.py");
  },

  async "ghost text is accepted and undone"() {
    await writeAFunction();
    const suggested = (await code.ghost()).split("\n")[0];
    await code.picture("ghost");
    await keys.press("Tab");
    await until(async () => (await code.text()).includes(`return ${suggested}`) && !(await code.ghost()), "it is accepted");
    await tells("completion accepted");
    await code.focus();
    for (let before = await code.text(); before !== shown; before = await code.text()) {
      await keys.press("Control+z");
      await until(async () => (await code.text()) !== before, "undo does something");
    }
    await until(async () => !(await code.dirty()).length, "nothing is left to save");
  },

  async "a word of ghost text is accepted"() {
    await writeAFunction();
    const word = (await code.ghost()).match(/^\w+|^\W+/)[0];
    await keys.press("Control+ArrowRight");
    await until(async () => (await code.text()).includes(`return ${word}`), "a word is accepted");
    await keys.press("Escape");
    await restore();
  },

  async "a line of ghost text is accepted"() {
    await writeAFunction();
    const line = (await code.ghost()).split("\n")[0];
    await keys.press("Control+Alt+ArrowRight");
    await until(async () => (await code.text()).includes(`return ${line}`), "a line is accepted");
    await keys.press("Escape");
    await restore();
  },

  async "another suggestion is a key away, and so is the first"() {
    await writeAFunction();
    const first = await code.ghost();
    const next = async () => !["", first].includes(await code.ghost());
    await until(async () => {
      await keys.press("Alt+]");
      return until(next, "another is shown", 5000).catch(() => false);
    }, "another is shown");
    await code.picture("ghost-another");
    await until(async () => {
      await keys.press("Alt+[");
      return until(async () => (await code.ghost()) === first, "the first is shown", 1000).catch(() => false);
    }, "the first is shown again");
    await keys.press("Escape");
    await restore();
  },

  async "a rejected edit changes nothing"() {
    await chooseValidation();
    await until(async () => (await notes()).includes("✓"), "what holds stands beside the change");
    await code.picture("preview");
    await keys.press("Escape");
    await code.noDiff();
    check((await code.text()) === shown && !(await code.dirty()).length, "something changed");
  },

  async "a previewed edit is applied and undone"() {
    await chooseValidation();
    await keys.press("Control+Enter");
    await code.noDiff();
    await applied();
    await code.picture("applied");
    check(prices() === original, "it was written to disk");
    await keys.press("Control+z");
    await until(async () => (await code.text()) === shown && !(await code.dirty()).length, "one undo takes it back");
  },

  async "the buttons of the preview work as its keys do"() {
    await chooseValidation();
    await page.click(".editor-actions [aria-label^='Apply This Edit'], .title-actions [aria-label^='Apply This Edit']");
    await code.noDiff();
    await applied();
    await restore();
  },

  async "evidence opens beside the diff"() {
    await chooseValidation();
    await page.click(".editor-actions [aria-label^='Show What This Edit Rests On'], .title-actions [aria-label^='Show What This Edit Rests On']");
    await code.reads("What this");
    await code.picture("evidence-beside");
    await closeTab("Evidence");
    await code.command("Dovetail: Drop This Edit");
    await code.noDiff();
    check((await code.text()) === shown, "something changed");
  },

  async "single changes are kept and dropped, each by a key"() {
    await write("stock.py", STOCK);
    await write("label.py", `${STOCK}\n\ndef longest() -> str:\n    """The longest label."""\n    res = make_label()\n    for item in arr:\n        if len(item.name) > len(res):\n            res = item.name\n    return res\n\n\ndef make_label() -> str:\n    """None yet."""\n    return ""\n`);
    const before = await code.text();
    await code.goTo(16, 6);
    await code.choose("Rename res to label");
    await code.diff("label = make_label()");
    await until(async () => (await notes()).includes("Enter keeps, Delete drops"), "the keys stand beside the changes");
    await code.picture("hunks");
    await keys.press("Enter");
    await until(async () => (await notes()).includes("kept"), "the first is kept");
    await keys.press("Delete");
    await until(async () => (await code.text(".modified-in-monaco-diff-editor")).includes("len(res)"), "the second is dropped");
    await until(async () => (await notes()).includes("was not checked"), "it says that this was not checked");
    await keys.press("Control+Enter");
    await code.noDiff();
    await until(async () => /label = make_label\(\)[^]*len\(res\)[^]*label = item.name[^]*return label/.test(await code.text()), "the others are applied");
    await keys.press("Control+z");
    await until(async () => (await code.text()) === before, "one undo takes them back");
    await closeTab("label.py");
    await closeTab("stock.py");
  },

  async "several files are shown in the Refactor Preview, and one press applies them all"() {
    const apply = page.locator(".panel .monaco-button", { hasText: "Apply" });
    const discard = page.locator(".panel .monaco-button", { hasText: "Discard" });
    await write("report.py", REPORT);
    await write("stock.py", STOCK);
    const before = await code.text();
    await code.goTo(11, 2);
    await code.choose("Rename arr to shelf");
    await apply.waitFor();
    const rows = async () => code.all(".panel .refactor-preview, .panel .pane-body, .panel .monaco-list");
    await until(async () => (await rows()).includes("stock.py") && (await rows()).includes("report.py"), "both files are listed");
    await code.picture("refactor-files");
    await discard.click();
    await until(async () => !(await apply.isVisible()), "it is dropped");
    check((await code.text()) === before && !(await code.dirty()).length, "something changed");
    await code.goTo(11, 2);
    await code.choose("Rename arr to shelf");
    await apply.click();
    await until(async () => (await code.dirty()).length === 2, "both files have changed");
    check((await code.text()).includes("shelf = make_shelf()"), "it is not applied");
    check(readFileSync(join(workspace, "shop/report.py"), "utf8") === REPORT, "it was written to disk");
    await code.focus();
    await keys.press("Control+z");
    await until(async () => (await code.text()) === before, "one undo takes it back");
    await until(async () => !(await code.dirty()).length, "in both files");
    await closeTab("report.py");
    await closeTab("stock.py");
  },

  async "several files are shown as one diff where the user prefers it, and applied and taken back together"() {
    await write("report.py", REPORT);
    await write("stock.py", STOCK);
    const before = await code.text();
    const diffs = async () => (await code.all(".multiDiffEntry .modified .view-line, .multiDiffEntry .view-line")).includes("shelf");
    const panel = page.locator(".panel .monaco-button", { hasText: "Discard" });
    code.setWorkspace({ "dovetail.preview": "diff" });
    await until(async () => {
      await code.goTo(11, 2);
      await code.choose("Rename arr to shelf");
      await until(async () => (await panel.isVisible()) || (await diffs()), "it is shown");
      if (await diffs()) return true;
      await panel.click(); // VS Code had not read the setting yet
      return false;
    }, "the diffs are shown");
    await code.picture("files");
    await keys.press("Escape");
    await code.noDiff();
    check((await code.text()) === before && !(await code.dirty()).length, "something changed");
    await code.goTo(11, 2);
    await code.choose("Rename arr to shelf");
    await until(async () => (await code.all(".multiDiffEntry .view-line")).includes("shelf"), "the diffs are shown");
    await keys.press("Control+Enter");
    await code.noDiff();
    await until(async () => (await code.dirty()).length === 2, "both files have changed");
    check((await code.text()).includes("shelf = make_shelf()"), "it is not applied");
    check(readFileSync(join(workspace, "shop/report.py"), "utf8") === REPORT, "it was written to disk");
    await code.picture("files-applied");
    await code.command("Dovetail: Take Back the Last Edit");
    await until(async () => (await code.text()) === before, "it is taken back here");
    await code.open("report.py");
    check(!(await code.text()).includes("shelf"), "it is not taken back there");
    await code.command("File: Save All");
    await until(async () => !(await code.dirty()).length, "all is saved");
    check(readFileSync(join(workspace, "shop/report.py"), "utf8") === REPORT, "it is not as before");
    code.setWorkspace({});
    await closeTab("report.py");
    await closeTab("stock.py");
  },

  async "what takes long is told of, and stops when it is cancelled"() {
    await write("twice.py", 'def twice(size: int) -> int:\n    """Two times the size."""\n    ...\n');
    const before = await code.text();
    const models = code.servers().flatMap((id) => code.children(id, "model.worker"));
    check(models.length, "no model runs");
    models.forEach((id) => process.kill(id, "SIGSTOP")); // a model that thinks for ever
    try {
      await code.goTo(1, 6);
      await code.choose("Implement twice");
      await until(async () => (await code.toasts()).includes("Implement twice"), "it is told of");
      await code.picture("progress");
      await code.focus();
      await keys.press("Escape");
      await until(async () => !(await code.toasts()).includes("Implement twice"), "it is stopped");
    } finally {
      for (const id of models) try { process.kill(id, "SIGCONT"); } catch { /* replaced */ }
    }
    check((await code.text()) === before && !(await code.dirty()).length, "something changed");
    await closeTab("twice.py");
  },

  async "an edit whose file changed meanwhile is refused"() {
    await code.open("prices.py");
    await chooseValidation();
    writeFileSync(file, original.replace("/ 100\n", "/ 100  # written meanwhile\n"));
    await until(async () => (await code.text(".original-in-monaco-diff-editor")).includes("written meanwhile"), "VS Code has seen it");
    await keys.press("Control+Enter");
    await until(async () => (await code.toasts()).includes("has changed since this edit was made"), "it is told");
    await code.noDiff();
    check(!(await code.text()).includes("raise TypeError"), "it was applied all the same");
    await code.picture("stale");
    await code.clearToasts();
    writeFileSync(file, original);
    await until(async () => (await code.text()) === shown, "the file is as before");
  },

  async "the Refactor Preview asks where the user prefers it, and one press applies"() {
    code.setWorkspace({ "dovetail.preview": "refactor" });
    const apply = page.locator(".panel .monaco-button", { hasText: "Apply" });
    const diff = page.locator(".monaco-diff-editor .view-line").first();
    await until(async () => {
      await code.goTo(21, 6);
      await code.choose("Add validation");
      await apply.or(diff).first().waitFor();
      if (await apply.isVisible()) return true;
      await code.diff("raise TypeError"); // VS Code had not read the setting yet
      await keys.press("Escape");
      await code.noDiff();
      return false;
    }, "the panel is shown");
    await code.picture("refactor");
    check(!(await code.text()).includes("raise TypeError"), "it is applied before anybody was asked");
    await apply.click();
    await applied();
    check(prices() === original, "it was written to disk");
    code.setWorkspace({});
    await restore();
  },

  async "a workspace may switch suggestions off and no more"() {
    code.setWorkspace({ "dovetail.completion.enabled": false, "dovetail.model": "/none.gguf" });
    await code.focus();
    await keys.press("Control+End");
    await keys.type("\nprint(");
    await until(async () => {
      await keys.type("x");
      await keys.press("Backspace");
      await keys.type("1");
      return (await code.tooltip()).includes("suggestions are switched off") && !(await code.ghost());
    }, "nothing is suggested, and the status says why");
    check(!/none/.test(await code.status()), "the workspace chose the model");
    code.setWorkspace({});
    await suggestsAgain();
  },

  async "suggestions in a language are switched off and on again from the menu"() {
    const rest = page.locator(".quick-input-list .monaco-list-row", { hasText: "Suggestions in python" });
    const toggle = async (says) => {
      await page.click("[id$='dovetail.status']");
      await until(async () => (await rest.textContent()).includes(says), `the menu offers to ${says}`);
      await restarts(() => rest.click());
      await code.focus();
    };
    await toggle("switch off");
    await keys.press("Control+End");
    await until(async () => {
      await keys.type("\nprint(");
      await tells("suggestions are switched off", 5000).catch(() => {});
      return (await code.tooltip()).includes("suggestions are switched off");
    }, "the status says why nothing is suggested");
    check(!(await code.ghost()), "something is suggested all the same");
    await restore();
    await toggle("switch on");
    await writeAFunction();
    await keys.press("Escape");
    await restore();
  },

  async "cells of notebooks are not served, and the status says so"() {
    const cell = { cell_type: "code", source: ["print(1)"], metadata: {}, outputs: [], execution_count: null };
    const kernel = { kernelspec: { name: "python3", display_name: "Python 3", language: "python" }, language_info: { name: "python" } };
    writeFileSync(join(workspace, "notes.ipynb"), JSON.stringify({ cells: [cell], metadata: kernel, nbformat: 4, nbformat_minor: 5 }));
    await code.quick("Control+p", "notes.ipynb");
    await until(async () => (await code.status()).includes("not in notebooks"), "the status bar says so");
    await tells("Cells of notebooks are not served");
    await code.picture("notebook");
    await closeTab("notes.ipynb");
    await code.open("prices.py");
    check(!/notebooks/.test(await code.status()), "it is said of files, too");
  },

  async "a model that is not there is told of, and edits by rule work without"() {
    code.setSettings("Machine", { "dovetail.model": "/none.gguf" });
    await until(async () => (await code.toasts()).includes("none.gguf"), "it is told");
    await tells("none.gguf");
    await code.picture("model-missing");
    await code.clearToasts();
    await chooseValidation();
    await keys.press("Escape");
    await code.noDiff();
    await restarts(() => code.setSettings("Machine", { "dovetail.model": undefined }));
  },

  async "the model is switched from the menu"() {
    await page.click("[id$='dovetail.status']");
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "Switch the model" }).click();
    await until(async () => (await code.all(".quick-input-list")).includes("travels with Dovetail"), "the models are shown");
    await code.picture("models");
    await restarts(() => page.locator(".quick-input-list .monaco-list-row", { hasText: "bundled" }).first().click());
    await until(() => /"dovetail.model":\s*"bundled"/.test(readFileSync(code.settingsFile("Machine"), "utf8")), "it is in the user's settings");
    await code.focus();
  },

  async "evidence is a document to read"() {
    await writeAFunction();
    await code.command("Dovetail: Show What the Last Suggestion Rests On");
    await code.reads("What this completion rests on");
    await code.picture("evidence");
    await closeTab("Evidence");
    await restore();
  },

  async "what is asked in words is shown, and is taken back by a command"() {
    await code.goTo(21, 6);
    await code.command("Dovetail: Ask in Words…");
    const asks = (what) => until(async () => (await code.all(".quick-input-widget")).includes(what), `it asks: ${what}`);
    await asks("What should be done?");
    await keys.type("gently please");
    await keys.press("Enter");
    await asks("it is not clear what is wanted");
    await code.picture("ask");
    await keys.press("Control+a");
    await keys.type("add validation");
    await keys.press("Enter");
    await code.diff("raise TypeError");
    await keys.press("Control+Enter");
    await code.noDiff();
    await applied();
    await code.command("Dovetail: Take Back the Last Edit");
    await until(async () => (await code.text()) === shown, "it is taken back");
    await restore();
  },

  async "an explanation, statistics, the doctor and what a model would see are documents to read"() {
    await code.goTo(21, 6);
    await code.choose("Explain discount");
    await code.reads("discount");
    await closeTab("Explanation");
    for (const [name, title, says] of [
      ["Dovetail: Show Statistics", "Statistics", "Suggestions"],
      ["Dovetail: Show What a Model Would See Here", "Evidence", "points"],
      ["Dovetail: Doctor: Is Everything Well?", "Doctor", "what to do"],
    ]) {
      await code.focus();
      await code.command(name);
      await code.reads(says);
      await code.picture(title.toLowerCase());
      await closeTab(title);
    }
    await code.open("prices.py");
  },

  async "no ghost text while paused"() {
    await page.click("[id$='dovetail.status']");
    const rest = page.locator(".quick-input-list .monaco-list-row", { hasText: "Pause suggestions" });
    await rest.waitFor();
    await code.picture("statusmenu");
    await rest.click();
    await tells("paused");
    await code.focus();
    await keys.press("Control+End");
    await keys.type("\nfor item in ");
    await code.command("Trigger Inline Suggestion");
    await chooseNothing();
    check(!(await code.ghost()), `there is: ${await code.ghost()}`);
    await code.command("Dovetail: Resume Suggestions");
    await restore();
    await writeAFunction();
    await keys.press("Escape");
    await restore();
  },

  async "trust that is granted reaches the server"() {
    await code.command("Workspaces: Manage Workspace Trust");
    await page.locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust/ }).first().click();
    await code.open("prices.py");
    await tells("workspace: trusted");
  },

  async "a file that does not exist yet is shown, and made by a yes"() {
    await code.goTo(21, 6);
    await code.choose("Write tests for discount");
    const refused = async () => (await code.toasts()).replaceAll("(runs it in a sandbox)", "").includes("sandbox");
    await until(async () => (await refused()) || page.$(".monaco-diff-editor .view-line"), "there is a diff");
    if (await refused()) return; // where this machine has none, nothing is run and nothing is shown
    await code.diff("def test_");
    await code.picture("new-file");
    check(!(await code.text(".original-in-monaco-diff-editor")).trim(), "there is something on the left");
    const made = join(workspace, "tests/test_prices.py");
    check(!existsSync(made), "it is made before anybody said yes");
    await keys.press("Control+Enter");
    await code.noDiff();
    await until(() => existsSync(made) && readFileSync(made, "utf8").includes("def test_"), "the file is made");
  },

  async "a killed server is started again"() {
    const before = code.servers();
    check(before.length, "there is no server to kill");
    for (const id of before) process.kill(Number(id), "SIGKILL");
    await until(() => code.servers().some((id) => !before.includes(id)), "there is a new server");
    await code.open("prices.py");
    await code.ready();
    await tells("completion accepted"); // today's counts outlive a server
    await suggestsAgain();
  },

  async "a server that is not there is told of, with what to do"() {
    code.setSettings("Machine", { "dovetail.server.path": "/nowhere/dovetail" });
    await until(async () => (await code.toasts()).includes("/nowhere/dovetail"), "it is told");
    for (const button of ["Set Up…", "Choose…"]) {
      check((await code.toasts()).includes(button), `there is no button ${button}`);
    }
    await code.picture("no-server");
    await code.clearToasts();
    code.setSettings("Machine", { "dovetail.server.path": server });
    await code.ready();
  },

  async "two folders of one workspace are both served"() {
    const other = join(folder, "tools");
    mkdirSync(other);
    writeFileSync(join(other, "scale.py"), SCALE);
    const both = join(folder, "both.code-workspace");
    writeFileSync(both, JSON.stringify({ folders: [{ path: "shop" }, { path: "tools" }] }));
    await until(async () => {
      await code.show(`?workspace=${both}`);
      // now and then VS Code reads the file before it can reach what it names, and stays empty
      const empty = () => page.$("text=You have not yet added a folder");
      return !(await until(empty, "it is empty", 4000).catch(() => null));
    }, "both folders are open");
    await code.open("scale.py");
    await code.ready();
    await code.goTo(1, 6);
    await code.choose("Add validation");
    await code.diff("raise ValueError");
    await keys.press("Control+Enter");
    await code.noDiff();
    await until(async () => (await code.text()).includes("raise ValueError"), "the edit is applied in the second folder");
    await keys.press("Control+z");
    await until(async () => !(await code.text()).includes("raise ValueError"), "it is undone");
    await code.open("prices.py");
    await chooseValidation();
    await keys.press("Escape");
    await code.noDiff();
  },
};

/** The server has answered something that was asked after all that was typed. */
async function chooseNothing() {
  await keys.press("Control+Shift+o");
  await until(async () => (await code.all(".quick-input-list")).includes("cheapest"), "the outline is shown");
  await keys.press("Escape");
  await code.focus();
}

const [first, ...others] = Object.keys(scenarios);
const wanted = process.env.ONLY ? [first, ...others.filter((name) => new RegExp(process.env.ONLY).test(name))] : [first, ...others];
try {
  for (const name of wanted) {
    const started = Date.now();
    let error = null;
    try {
      await scenarios[name]();
    } catch (problem) {
      error = `${problem.message}\n${await code.toasts().catch(() => "")}`;
      await code.picture(`failed-${name.replace(/\W+/g, "-")}`).catch(() => {});
      await keys.press("Escape").catch(() => {});
      await keys.press("Escape").catch(() => {});
      writeFileSync(file, original);
      if (await page.$(".part.panel .monaco-button")) await keys.press("Control+j");
      await restore().catch(() => {});
    }
    console.log(JSON.stringify({ name, seconds: (Date.now() - started) / 1000, error }));
    if (error && name === first) break; // nothing works without it
  }
} finally {
  await code.close();
}
process.exit(0);
