// Drives a real VS Code (code-server) in a real browser: types, presses keys, reads the page.
//
//   node vscode.mjs TOOLS EXTENSION.vsix SERVER PROJECT FOLDER [PICTURES]
//
// Prints one line of JSON a scenario, `{name, seconds, error}`. FOLDER is empty and takes all that is written.

import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import { join } from "node:path";
import process from "node:process";

const [tools, extension, server, project, folder, pictures] = process.argv.slice(2);
const { chromium } = createRequire(join(tools, "vscode/package.json"))("playwright-core");
const entry = join(tools, "vscode/node_modules/code-server/out/node/entry.js");
const workspace = join(folder, "shop");
const file = join(workspace, "shop/prices.py");

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(true_, what, ms = 20000) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await true_();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${ms / 1000} s in vain until ${what}`);
    await sleep(100);
  }
}

function settings() {
  const user = {
    "workbench.startupEditor": "none", "workbench.editor.useModal": "off", "files.autoSave": "off",
    "telemetry.telemetryLevel": "off", "update.mode": "none",
    "extensions.autoUpdate": false, "extensions.autoCheckUpdates": false, "extensions.ignoreRecommendations": true,
    "workbench.enableExperiments": false, "chat.disableAIFeatures": true, "git.enabled": false,
    "workbench.secondarySideBar.defaultVisibility": "hidden", "window.menuBarVisibility": "compact",
    "editor.minimap.enabled": false, "editor.fontSize": 12, "editor.lightbulb.enabled": "on",
    "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" }, "editor.wordBasedSuggestions": "off",
    "security.workspace.trust.startupPrompt": "never", "security.workspace.trust.banner": "never",
    // whatever the model says is shown, however slow this machine is
    "dovetail.completion.confidence": -30, "dovetail.completion.chance": 0, "dovetail.completion.patience_ms": 20000,
  };
  for (const [scope, values] of [["User", user], ["Machine", { "dovetail.server.path": server }]]) {
    mkdirSync(join(folder, "user", scope), { recursive: true });
    writeFileSync(join(folder, "user", scope, "settings.json"), JSON.stringify(values));
  }
}

async function start() {
  cpSync(project, workspace, { recursive: true });
  settings();
  const home = ["--user-data-dir", join(folder, "user"), "--extensions-dir", join(folder, "extensions")];
  const nowhere = '{"serviceUrl":"http://127.0.0.1:9/","itemUrl":"http://127.0.0.1:9/","resourceUrlTemplate":""}';
  const env = { ...process.env, EXTENSIONS_GALLERY: nowhere, DOVETAIL_CONFIG: join(folder, "none.toml") };
  const installed = spawnSync(process.execPath, [entry, ...home, "--install-extension", extension], { env, encoding: "utf8" });
  if (installed.status !== 0) throw new Error(`the extension was not installed\n${installed.stdout}${installed.stderr}`);

  const port = await new Promise((done) => {
    const socket = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = socket.address();
      socket.close(() => done(port));
    });
  });
  const address = `127.0.0.1:${port}`;
  const options = ["--bind-addr", address, "--auth", "none", "--disable-telemetry", "--disable-update-check",
    "--disable-getting-started-override", "--config", join(folder, "config.yaml"), ...home, workspace];
  const code = spawn(process.execPath, [entry, ...options], { env, stdio: "ignore", detached: true });
  await until(() => fetch(`http://${address}/healthz`).then((answer) => answer.ok).catch(() => false), "VS Code listens");
  const browser = await chromium.launch({
    executablePath: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
      .find((path) => spawnSync(path, ["--version"]).status === 0),
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 860 } })).newPage();
  await page.goto(`http://${address}/?folder=${workspace}`);
  await page.waitForSelector(".monaco-workbench", { timeout: 60000 });
  page.setDefaultTimeout(15000);
  return { page, browser, code };
}

const { page, browser, code } = await start();
const keys = page.keyboard;
let original = "";

const picture = async (name) => {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await sleep(500); // things fade in
  await page.screenshot({ path: join(pictures, `vscode-${name}.png`) });
};

/** The lines of an editor, as far as they are on screen, without ghost text. */
const text = async (editor = ".editor-instance") => {
  const lines = await page.$$eval(`${editor} .view-line`, (all) => all.map((line) => {
    const own = line.cloneNode(true);
    own.querySelectorAll("[class*='ghost-text']").forEach((one) => one.remove());
    return [parseFloat(line.style.top), own.textContent];
  }));
  return lines.sort((a, b) => a[0] - b[0]).map(([, line]) => line.replace(/\u00a0/g, " ")).join("\n");
};

const ghost = async () =>
  (await page.$$eval(".ghost-text-decoration, .ghost-text-decoration-preview, .ghost-text, .suggest-preview-text",
    (all) => all.map((one) => one.textContent).join("\n"))).replace(/\u00a0/g, " ");

const status = () => page.$eval("[id$='dovetail.status']", (item) => item.textContent.trim()).catch(() => "");

const dirty = () => page.$$eval(".tab.dirty", (tabs) => tabs.map((tab) => tab.getAttribute("data-resource-name")));

const toasts = () => page.$$eval(".notification-toast", (all) => all.map((one) => one.textContent).join("\n"));

async function open(name = "prices.py") {
  if (!(await page.$(`.tab[data-resource-name="${name}"]`))) {
    const row = page.locator(".explorer-folders-view .monaco-list-row", { hasText: name });
    if (!(await row.count())) {
      await page.locator(".explorer-folders-view .monaco-list-row", { hasText: "shop" }).first().click();
    }
    await row.dblclick({ timeout: 20000 });
  } else {
    await page.click(`.tab[data-resource-name="${name}"]`);
  }
  await page.waitForSelector(`.tab.active[data-resource-name="${name}"]`, { timeout: 20000 });
  await until(() => text(), "the text is shown");
}

/** Undo everything, key by key. */
async function undo() {
  for (let before = await text(); before !== original; before = await text()) {
    await keys.press("Control+z");
    await until(async () => (await text()) !== before, "undo does something");
  }
  await until(async () => !(await dirty()).length, "nothing is left to save");
}

/** The file as it is on disk. */
async function restore() {
  if ((await dirty()).length || (await text()) !== original) await command("File: Revert File");
  await until(async () => (await text()) === original && !(await dirty()).length, "the text is as before");
}

/** What the workspace says; VS Code sees it in a moment. */
async function setWorkspace(values) {
  mkdirSync(join(workspace, ".vscode"), { recursive: true });
  writeFileSync(join(workspace, ".vscode/settings.json"), JSON.stringify(values));
  await sleep(1500);
}

async function command(name) {
  await keys.press("F1");
  await page.waitForSelector(".quick-input-widget:not([style*='display: none']) input");
  await keys.type(name);
  await until(async () => (await page.textContent(".quick-input-list .monaco-list-row.focused"))?.includes(name), `the command ${name}`);
  await keys.press("Enter");
}

async function goTo(line, column) {
  await keys.press("Control+g");
  await page.waitForSelector(".quick-input-widget:not([style*='display: none']) input");
  await keys.type(`${line}:${column}`);
  await keys.press("Enter");
  await sleep(200);
}

async function chooseValidation() {
  await goTo(21, 6);
  await keys.press("Control+.");
  await page.waitForSelector(".action-widget");
  const row = page.locator(".action-widget .monaco-list-row", { hasText: "Add validation" });
  await row.waitFor({ timeout: 20000 });
  await picture("menu");
  await row.click();
  await page.waitForSelector(".diff-editor, .monaco-diff-editor", { timeout: 30000 });
  await until(async () => (await text(".modified-in-monaco-diff-editor")).includes("raise TypeError"), "the diff is shown");
}

const gone = () => until(async () => !(await page.$(".tab[aria-label*='Add validation'], .monaco-diff-editor .view-line")), "the diff is closed");

async function writeAFunction() {
  await keys.press("Control+End");
  await keys.type("\n\ndef dearest(items: list[Item]) -> Item:\n");
  await keys.type('"""The item with the highest price."""\n');
  await keys.type("return ");
  await until(ghost, "ghost text is shown");
}

const scenarios = {
  async "the server starts and the status bar names the model"() {
    await open();
    original = await text();
    await keys.press("Control+b"); // the room is for the code
    await until(async () => /\w/.test(await status()) && !/Dovetail/.test(await status()), "the model is named", 40000);
    await page.hover("[id$='dovetail.status']");
    await until(() => page.$(".monaco-hover:not(.hidden) .hover-contents"), "its tooltip");
    const told = await page.textContent(".monaco-hover:not(.hidden)");
    if (!told.includes("not trusted")) throw new Error(`not restricted: ${told}`);
    await picture("status");
    await keys.press("Escape");
  },

  async "a hover shows facts"() {
    await goTo(21, 8);
    await keys.press("Control+k");
    await keys.press("Control+i");
    await until(async () => (await page.$$eval(".monaco-hover .hover-contents", (all) => all.map((one) => one.textContent).join("\n")))
      .includes("Called by"), "the hover is shown");
    await picture("hover");
    await keys.press("Escape");
  },

  async "ghost text is accepted and undone"() {
    await writeAFunction();
    const suggested = (await ghost()).split("\n")[0];
    await picture("ghost");
    await keys.press("Tab");
    await until(async () => (await text()).includes(`return ${suggested}`) && !(await ghost()), "it is accepted");
    await undo();
  },

  async "a word of ghost text is accepted"() {
    await writeAFunction();
    const suggested = (await ghost()).split("\n")[0];
    const word = suggested.match(/^\w+|^\W+/)[0];
    await keys.press("Control+ArrowRight");
    await until(async () => (await text()).includes(`return ${word}`), "a word is accepted");
    await keys.press("Escape");
    await restore();
  },

  async "a rejected edit changes nothing"() {
    const before = await text();
    await chooseValidation();
    await picture("preview");
    await keys.press("Escape");
    await gone();
    if ((await text()) !== before || (await dirty()).length) throw new Error("something changed");
  },

  async "a previewed edit is applied and undone"() {
    const before = await text();
    await chooseValidation();
    await keys.press("Control+Enter");
    await gone();
    await until(async () => (await text()).includes('raise TypeError(f"price must'), "the edit is applied");
    await picture("applied");
    if (readFileSync(file, "utf8").includes("TypeError")) throw new Error("it was written to disk");
    await keys.press("Control+z");
    await until(async () => (await text()) === before && !(await dirty()).length, "one undo takes it back");
  },

  async "the buttons of the preview work as its keys do"() {
    await chooseValidation();
    await page.click(".editor-actions [aria-label^='Apply This Edit'], .title-actions [aria-label^='Apply This Edit']");
    await gone();
    await until(async () => (await text()).includes('raise TypeError(f"price must'), "the edit is applied");
    await restore();
  },

  async "an edit whose file changed meanwhile is refused"() {
    const before = readFileSync(file, "utf8");
    await chooseValidation();
    writeFileSync(file, `# written meanwhile\n${before}`);
    await until(async () => (await text(".original-in-monaco-diff-editor")).includes("written meanwhile"), "VS Code has seen it");
    await keys.press("Control+Enter");
    await until(async () => (await toasts()).includes("has changed since this edit was made"), "it is told");
    await gone();
    if ((await text()).includes("raise TypeError")) throw new Error("it was applied all the same");
    await picture("stale");
    await command("Notifications: Clear All Notifications");
    writeFileSync(file, before);
    await until(async () => !(await text()).includes("written meanwhile"), "the file is as before");
  },

  async "the Refactor Preview asks where the user prefers it"() {
    const before = readFileSync(file, "utf8");
    await setWorkspace({ "dovetail.preview": "refactor" });
    const box = page.locator(".panel .monaco-list-row .edit-checkbox").first();
    const diff = page.locator(".monaco-diff-editor").first();
    await until(async () => {
      await goTo(21, 6);
      await keys.press("Control+.");
      await page.locator(".action-widget .monaco-list-row", { hasText: "Add validation" }).click();
      await box.or(diff).first().waitFor({ timeout: 20000 });
      if (await box.isVisible()) return true;
      // VS Code has not read the setting yet; a key before the diff has the focus is lost
      await until(async () => {
        await keys.press("Escape");
        await sleep(500);
        return !(await page.$(".monaco-diff-editor .view-line"));
      }, "the diff is closed");
      return false;
    }, "the panel is shown");
    await picture("refactor");
    if (await box.isChecked()) throw new Error("it is ticked before anybody was asked");
    await box.check();
    await page.locator(".panel .monaco-button", { hasText: "Apply" }).click();
    await until(async () => (await text()).includes('raise TypeError(f"price must'), "the edit is applied");
    await setWorkspace({});
    writeFileSync(file, before); // VS Code saves what its panel applies
    await restore();
  },

  async "a workspace may switch suggestions off and no more"() {
    await setWorkspace({ "dovetail.completion.enabled": false, "dovetail.model": "/none.gguf" });
    await page.click(".editor-instance .view-line >> nth=0");
    await keys.press("Control+End");
    await keys.type("\nprint(");
    await sleep(1500);
    if (await ghost()) throw new Error(`there is: ${await ghost()}`);
    await restore();
    await setWorkspace({});
    await writeAFunction();
    await keys.press("Escape");
    await restore();
  },

  async "evidence is a document to read"() {
    await command("Dovetail: Show What the Last Suggestion Rests On");
    await page.waitForSelector(".tab[aria-label*='Evidence']", { timeout: 20000 });
    await sleep(1500);
    await picture("evidence");
    await page.click(".tab[aria-label*='Evidence']", { button: "middle" });
    await open();
  },

  async "what is asked in words is shown, and is taken back by a command"() {
    const before = await text();
    await goTo(21, 6);
    await command("Dovetail: Ask in Words…");
    await until(async () => (await page.textContent(".quick-input-widget")).includes("What should be done?"), "it is asked for");
    await keys.type("gently please");
    await keys.press("Enter");
    await until(async () => (await page.textContent(".quick-input-widget")).includes("it is not clear what is wanted"), "it is asked back");
    await picture("ask");
    await keys.press("Control+a");
    await keys.type("add validation");
    await keys.press("Enter");
    await until(async () => (await text(".modified-in-monaco-diff-editor")).includes("raise TypeError"), "the diff is shown");
    await keys.press("Control+Enter");
    await gone();
    await until(async () => (await text()).includes('raise TypeError(f"price must'), "the edit is applied");
    await command("Dovetail: Take Back the Last Edit");
    await until(async () => (await text()) === before, "it is taken back");
    await restore();
  },

  async "statistics and what a model would see are documents to read"() {
    await command("Dovetail: Show Statistics");
    await page.waitForSelector(".tab[aria-label*='Statistics']", { timeout: 20000 });
    await page.click(".tab[aria-label*='Statistics']", { button: "middle" });
    await page.click(".editor-instance .view-line >> nth=0");
    await command("Dovetail: Show What a Model Would See Here");
    await page.waitForSelector(".tab[aria-label*='Evidence']", { timeout: 20000 });
    await page.click(".tab[aria-label*='Evidence']", { button: "middle" });
    await open();
  },

  async "no ghost text while paused"() {
    await page.click("[id$='dovetail.status']");
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "Pause suggestions" }).waitFor();
    await picture("statusmenu");
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "Pause suggestions" }).click();
    await page.click(".editor-instance .view-line >> nth=0");
    await keys.press("Control+End");
    await keys.type("\nprint(");
    await sleep(1500);
    if (await ghost()) throw new Error(`there is: ${await ghost()}`);
    await restore();
    await command("Dovetail: Resume Suggestions");
  },

  async "trust that is granted reaches the server"() {
    await command("Workspaces: Manage Workspace Trust");
    const trust = page.locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust/ }).first();
    await trust.waitFor({ timeout: 20000 });
    await trust.click();
    await open();
    await until(async () => {
      await page.mouse.move(400, 400);
      await page.hover("[id$='dovetail.status']");
      await sleep(700);
      return (await page.$$eval(".monaco-hover", (all) => all.map((one) => one.textContent).join(""))).includes("workspace: trusted");
    }, "the status says trusted", 40000);
    await page.mouse.move(400, 400);
  },

  async "a killed server is started again"() {
    const running = () => spawnSync("pgrep", ["-f", "-g", String(code.pid), "bin/dovetail"], { encoding: "utf8" }).stdout.split("\n").filter(Boolean);
    const before = running();
    if (!before.length) throw new Error("there is no server to kill");
    for (const id of before) process.kill(Number(id), "SIGKILL");
    await until(() => running().some((id) => !before.includes(id)), "there is a new server", 30000);
    await open();
    await until(async () => !/Dovetail/.test(await status()), "the model is named", 40000);
    await writeAFunction();
    await keys.press("Escape");
    await restore();
  },
};

const wanted = process.env.ONLY ? Object.keys(scenarios).filter((name) => name.includes(process.env.ONLY)) : Object.keys(scenarios);
try {
  for (const name of wanted) {
    const started = Date.now();
    let error = null;
    try {
      await scenarios[name]();
    } catch (problem) {
      error = `${problem.message}\n${await toasts().catch(() => "")}`;
      await picture(`failed-${name.replace(/\W+/g, "-")}`);
      await keys.press("Escape");
      await keys.press("Escape");
      await restore().catch(() => {});
    }
    console.log(JSON.stringify({ name, seconds: (Date.now() - started) / 1000, error }));
  }
} finally {
  await browser.close();
  try {
    process.kill(-code.pid, "SIGTERM");
  } catch {
    // it has ended
  }
}
process.exit(0);
