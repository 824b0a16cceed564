// What the tests do by VS Code's own API, as a person would by keys.

const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const vscode = require("vscode");

const PATIENCE = 1000 * Number(process.env.PATIENCE ?? 60);

async function until(true_, what) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const value = await true_();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${PATIENCE / 1000} s in vain until ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

function extension() {
  const found = vscode.extensions.getExtension("dovetail.dovetail");
  assert(found, "the package is not installed");
  return found;
}

/** The server answers. */
async function served() {
  await extension().activate();
  return until(status, "the server answers");
}

function status() {
  return vscode.commands.executeCommand("dovetail.status").then((said) => said, () => undefined);
}

function file(name, folder = 0) {
  return vscode.Uri.joinPath(vscode.workspace.workspaceFolders[folder].uri, name);
}

async function open(uri) {
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, { preview: false });
  return document;
}

function onDisk(document) {
  return readFileSync(document.uri.fsPath, "utf8");
}

/** Where a text begins. */
function at(document, text) {
  const offset = document.getText().indexOf(text);
  assert(offset >= 0, `${text} is not in ${document.uri}`);
  return document.positionAt(offset);
}

async function hover(document, text) {
  const hovers = await vscode.commands.executeCommand("vscode.executeHoverProvider", document.uri, at(document, text));
  return hovers.flatMap((one) => one.contents.map((content) => content.value ?? content)).join("\n");
}

/** A row of the menu, resolved as VS Code does when it is chosen. */
async function row(document, text, title) {
  const place = at(document, text);
  const chosen = await until(async () => {
    const range = new vscode.Range(place, place);
    const rows = await vscode.commands.executeCommand("vscode.executeCodeActionProvider", document.uri, range, undefined, 100);
    return rows.find((one) => one.title.includes(title) && one.command);
  }, `there is a row ${title}`);
  return chosen;
}

/** The diff is on the screen; undefined once it is not. */
function diff() {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.find((tab) => tab.label.includes("Ctrl+Enter applies"));
}

/** Choose a row, and wait for its diff; `answer` is what comes of it. */
async function shown(document, text, title) {
  const { command } = await row(document, text, title);
  const answer = vscode.commands.executeCommand(command.command, ...command.arguments);
  await until(diff, "the diff is shown");
  return { answer: () => answer, edit: command.arguments[0] };
}

async function yes({ answer }) {
  await vscode.commands.executeCommand("dovetail.accept");
  return answer();
}

async function no({ answer }) {
  await vscode.commands.executeCommand("dovetail.reject");
  return answer();
}

async function undo(document) {
  await vscode.window.showTextDocument(document);
  await vscode.commands.executeCommand("undo");
}

/** The versions that documents go through while something is done. */
async function versions(documents, act) {
  const count = new Map(documents.map((one) => [one.uri.toString(), 0]));
  const listener = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    const key = document.uri.toString();
    if (contentChanges.length && count.has(key)) count.set(key, count.get(key) + 1);
  });
  await act();
  listener.dispose();
  return documents.map((one) => count.get(one.uri.toString()));
}

module.exports = { assert, at, diff, extension, file, hover, no, onDisk, open, row, served, shown, status, undo, until, versions, vscode, yes };
