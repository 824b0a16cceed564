// A real VS Code (code-server) in a real browser, with Dovetail's package installed: keys, and what the page says.
//
// Nothing here waits for a time; everything waits for something to be seen, for as long as a slow machine may need.

import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import { dirname, join } from "node:path";
import process from "node:process";

/** Seconds: PATIENCE in the environment. */
const PATIENCE = 1000 * Number(process.env.PATIENCE ?? 60);

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export async function until(true_, what, ms = PATIENCE) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await true_();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${ms / 1000} s in vain until ${what}`);
    await pause(50);
  }
}

const USER = {
  "workbench.startupEditor": "none", "workbench.editor.useModal": "off", "files.autoSave": "off",
  "telemetry.telemetryLevel": "off", "update.mode": "none",
  "extensions.autoUpdate": false, "extensions.autoCheckUpdates": false, "extensions.ignoreRecommendations": true,
  "workbench.enableExperiments": false, "chat.disableAIFeatures": true, "git.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden", "window.menuBarVisibility": "compact",
  "editor.minimap.enabled": false, "editor.fontSize": 12, "editor.lightbulb.enabled": "on",
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" }, "editor.wordBasedSuggestions": "off",
  "security.workspace.trust.startupPrompt": "never", "security.workspace.trust.banner": "never",
};

/**
 * Start it. `project` is copied to `folder`/shop, where all else is written, too, `files` by their names there. `user`
 * are settings beside those that keep VS Code itself quiet; those that belong to the machine go into `machine`.
 * `opens` is what the window shows, that project where it is left out. With `tests`, a folder whose `index.js` runs in
 * the extension host, `test()` of what comes back opens the window, and waits until that has ended.
 */
export async function start({ tools, extension, project, folder, user = {}, machine = {}, files = {}, opens, tests, pictures }) {
  const { chromium } = createRequire(join(tools, "vscode/package.json"))("playwright-core");
  const entry = join(tools, "vscode/node_modules/code-server/out/node/entry.js");
  const workspace = join(folder, "shop");
  cpSync(project, workspace, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const settings = (scope) => join(folder, "user", scope, "settings.json");
  for (const [scope, values] of [["User", { ...USER, ...user }], ["Machine", machine]]) {
    mkdirSync(join(folder, "user", scope), { recursive: true });
    writeFileSync(settings(scope), JSON.stringify(values));
  }
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
    "--disable-getting-started-override", "--config", join(folder, "config.yaml"), ...home,
    ...(tests ? ["--vscode-option", "enable-smoke-test-driver"] : []), workspace];
  const code = spawn(process.execPath, [entry, ...options], { env, stdio: "ignore", detached: true });
  const ends = [() => process.kill(-code.pid, "SIGTERM")];
  const close = async () => {
    for (const end of ends.reverse()) {
      try {
        await end();
      } catch {
        // it has ended
      }
    }
  };
  try {
    await until(() => fetch(`http://${address}/healthz`).then((answer) => answer.ok).catch(() => false), "VS Code listens");
    const browser = await chromium.launch({
      executablePath: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .find((path) => spawnSync(path, ["--version"]).status === 0),
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
      timeout: PATIENCE,
    });
    ends.push(() => browser.close());
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 860 } })).newPage();
    page.setDefaultTimeout(PATIENCE);
    page.setDefaultNavigationTimeout(PATIENCE);
    const bench = new Workbench(page, workspace, settings, pictures, code.pid);
    bench.address = `http://${address}/`;
    bench.close = close;
    const what = opens ?? `?folder=${workspace}`;
    if (tests) {
      let ended;
      await page.exposeFunction("codeAutomationExit", (status) => ended(status));
      await page.exposeFunction("codeAutomationLog", () => {}); // VS Code's own log, much of it of what it misses here
      const remote = `vscode-remote://${address}${tests}`;
      const payload = [["extensionDevelopmentPath", remote], ["extensionTestsPath", `${remote}/index.js`]];
      bench.test = async () => {
        const status = new Promise((done) => (ended = done));
        await bench.show(`${what}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
        return Promise.race([status, pause(10 * PATIENCE)]);
      };
    } else {
      await bench.show(what);
    }
    return bench;
  } catch (problem) {
    await close();
    throw problem;
  }
}

/** One window, and what a person does in it. */
class Workbench {
  constructor(page, workspace, settings, pictures, group) {
    Object.assign(this, { page, workspace, pictures, group, keys: page.keyboard, settingsFile: settings });
  }

  /** Another folder or workspace, in the same window. */
  async show(what) {
    await this.page.goto(this.address + what);
    await this.page.waitForSelector(".monaco-workbench .part.editor");
  }

  async picture(name) {
    if (!this.pictures) return;
    mkdirSync(this.pictures, { recursive: true });
    await pause(700); // things fade in
    await this.page.screenshot({ path: join(this.pictures, `vscode-${name}.png`) });
  }

  /** The lines of an editor, as far as they are on screen, without ghost text. */
  async text(editor = ".editor-instance") {
    const lines = await this.page.$$eval(`${editor} .view-line`, (all) => all.map((line) => {
      const own = line.cloneNode(true);
      own.querySelectorAll("[class*='ghost-text'], [class*='ced-']").forEach((one) => one.remove());
      return [parseFloat(line.style.top), own.textContent];
    }));
    return lines.sort((a, b) => a[0] - b[0]).map(([, line]) => line.replace(/\u00a0/g, " ")).join("\n");
  }

  async all(selector) {
    return (await this.page.$$eval(selector, (all) => all.map((one) => one.textContent).join("\n"))).replace(/\u00a0/g, " ");
  }

  ghost() {
    return this.all(".ghost-text-decoration, .ghost-text-decoration-preview, .ghost-text, .suggest-preview-text");
  }

  status() {
    return this.page.$eval("[id$='dovetail.status']", (item) => item.textContent.trim()).catch(() => "");
  }

  /** What the status bar says of Dovetail to one who points at it. */
  async tooltip() {
    await this.page.mouse.move(400, 300);
    await this.page.hover("[id$='dovetail.status']");
    const shown = await until(() => this.all(".monaco-hover:not(.hidden)"), "the tooltip of the status", 5000).catch(() => "");
    await this.page.mouse.move(400, 300);
    return shown;
  }

  ready() {
    return until(async () => /\w/.test(await this.status()) && !/Dovetail/.test(await this.status()), "the model is named");
  }

  dirty() {
    return this.page.$$eval(".tab.dirty", (tabs) => tabs.map((tab) => tab.getAttribute("data-resource-name")));
  }

  toasts() {
    return this.all(".notification-toast .notification-list-item-main-row, .notification-toast .monaco-button");
  }

  async clearToasts() {
    await this.command("Notifications: Clear All Notifications");
    await until(async () => !(await this.toasts()), "no notification is left");
  }

  /** Open a file of the folder "shop", or go to its tab. */
  async open(name) {
    const tab = `.tab[data-resource-name="${name}"]`;
    if (await this.page.$(tab)) {
      await this.page.click(tab);
    } else {
      await this.quick("Control+p", name, name);
    }
    await this.page.waitForSelector(`.tab.active[data-resource-name="${name}"]`);
    await until(() => this.text(), "the text is shown");
    await this.focus();
  }

  /** The cursor is in the text. */
  async focus() {
    await until(async () => {
      if (await this.page.$(".editor-group-container.active .monaco-editor.focused")) return true;
      await this.keys.press("Control+1");
      return false;
    }, "the editor has the focus");
  }

  /** Open one of the boxes at the top; the text goes there and nowhere else, should something take the focus. */
  async box(key, text) {
    await this.keys.press(key);
    const box = this.page.locator(".quick-input-widget:not([style*='display: none']) input[type='text']:visible").first();
    await box.fill(text, { timeout: 3000 });
    return box;
  }

  /** Type into one of the boxes at the top, and take the row that says `row`. */
  async quick(key, typed, row = typed) {
    const there = async () => (await this.all(".quick-input-list .monaco-list-row.focused")).includes(row);
    await until(async () => {
      try {
        const box = await this.box(key, typed);
        if (!(await until(there, `there is a row ${row}`, 8000).catch(() => false))) throw new Error("not yet");
        await box.press("Enter", { timeout: 3000 });
        return true;
      } catch {
        await this.keys.press("Escape"); // a file may be too new, a command not there yet
        return false;
      }
    }, `there is a row ${row}`);
    await this.page.waitForSelector(".quick-input-widget", { state: "hidden", timeout: 3000 }).catch(() => {}); // some ask on
  }

  command(name) {
    return this.quick("F1", `>${name}`, name);
  }

  async goTo(line, column) {
    await this.focus();
    const there = async () => (await this.all("[id='status.editor.selection']")).includes(`Ln ${line}, Col ${column}`);
    await until(async () => {
      try {
        await (await this.box("Control+g", `:${line}:${column}`)).press("Enter", { timeout: 3000 });
      } catch {
        return false;
      }
      return until(there, "the cursor is there", 3000).catch(() => false);
    }, `the cursor is in line ${line}`);
    await this.focus();
  }

  /** The file as it is on disk. */
  async restore(original) {
    if ((await this.dirty()).length || (await this.text()) !== original) await this.command("File: Revert File");
    await until(async () => (await this.text()) === original && !(await this.dirty()).length, "the text is as before");
  }

  /** Choose a row of the light bulb's menu. */
  async choose(title) {
    const row = this.page.locator(".action-widget .monaco-list-row", { hasText: title }).first();
    await until(async () => {
      await this.keys.press("Control+.");
      if (await row.waitFor({ timeout: 5000 }).then(() => true, () => false)) return true;
      await this.keys.press("Escape"); // the server may not have had its say yet
      return false;
    }, `the menu has a row ${title}`);
    await this.picture(`menu-${title.split(" ")[0].toLowerCase()}`);
    await row.click();
  }

  /** The proposed side of the diff says this, and keys go there. */
  async diff(says) {
    await until(async () => (await this.text(".modified-in-monaco-diff-editor")).includes(says), `the diff says ${says}`);
    await until(() => this.page.$(".modified-in-monaco-diff-editor .monaco-editor.focused, .monaco-editor.modified-in-monaco-diff-editor.focused"),
      "keys go to the diff");
  }

  /** A document beside the code says this. */
  reads(words) {
    return until(async () => {
      for (const frame of this.page.frames()) {
        if ((await frame.evaluate(() => document.body?.innerText ?? "").catch(() => "")).includes(words) && frame.parentFrame()) return true;
      }
      return false;
    }, `a document says ${words}`);
  }

  async noDiff() {
    const open = ".monaco-diff-editor .view-line, .multiDiffEntry, .tab[aria-label*='Ctrl+Enter applies']";
    await until(async () => !(await this.page.$(open)), "the diff is closed");
    await this.focus();
  }

  /** The settings of a scope, changed while VS Code runs. */
  setSettings(scope, values) {
    const file = this.settingsFile(scope);
    const before = JSON.parse(readFileSync(file, "utf8"));
    const now = { ...before, ...values };
    for (const [name, value] of Object.entries(now)) if (value === undefined) delete now[name];
    writeFileSync(file, JSON.stringify(now));
  }

  setWorkspace(values) {
    mkdirSync(join(this.workspace, ".vscode"), { recursive: true });
    writeFileSync(join(this.workspace, ".vscode/settings.json"), JSON.stringify(values));
  }

  /** The processes that a process started, with these words in their command. */
  children(id, words) {
    return spawnSync("pgrep", ["-f", "-P", String(id), words], { encoding: "utf8" }).stdout.split("\n").filter(Boolean).map(Number);
  }

  /** The processes of the server. */
  servers() {
    return spawnSync("pgrep", ["-f", "-g", String(this.group), "bin/dovetail"], { encoding: "utf8" }).stdout.split("\n").filter(Boolean);
  }
}
