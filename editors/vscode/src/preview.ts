// Every edit is shown before it is applied, and applied only to the text that it was made for. VS Code itself
// applies the edit of a code action without a look at its version.

import * as vscode from "vscode";
import type { BaseLanguageClient, TextDocumentEdit, TextEdit, WorkspaceEdit } from "vscode-languageclient/node";
import { lines, stays, text, together, type Changed } from "./hunks.js";

const SCHEME = "dovetail-preview";
/** Who struck a key so many milliseconds ago is writing, and has not seen what comes now. */
const GLANCE = 500;

interface Shown {
  readonly title: string;
  readonly files: readonly Changed[];
  readonly decide: (applied: boolean) => void;
  /** No key answers before, in milliseconds since 1970. */
  readonly from: number;
  readonly evidence: string | undefined;
  /** The checks that the edit as a whole passed. */
  held: readonly string[];
}

let shown: Shown | undefined;
let asked = 0;
let struck = 0;
let chosen = 0;
/** The diff before is closed. */
let closed: Promise<unknown> = Promise.resolve();
const rewritten = new vscode.EventEmitter<vscode.Uri>();
const note = vscode.window.createTextEditorDecorationType({
  after: { color: new vscode.ThemeColor("editorCodeLens.foreground"), fontStyle: "italic", margin: "0 0 0 2em" },
  rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
});

export function register(): vscode.Disposable {
  const command = (name: string, act: () => unknown) => vscode.commands.registerCommand(`dovetail.${name}`, act);
  return vscode.Disposable.from(
    rewritten,
    note,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: rewritten.event,
      provideTextDocumentContent: (uri) => {
        const file = shown?.files.find((one) => one.uri.toString() === uri.toString());
        return file ? text(file) : "";
      },
    }),
    vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
      if (shown && closed.some(isShown)) {
        shown.decide(false);
      }
    }),
    vscode.window.onDidChangeVisibleTextEditors(() => annotate()),
    vscode.workspace.onDidChangeTextDocument(({ document }) => document.uri.scheme === SCHEME && annotate()),
    vscode.window.onDidChangeTextEditorSelection(({ kind, textEditor }) => {
      if (kind === vscode.TextEditorSelectionChangeKind.Keyboard && textEditor.document.uri.scheme !== SCHEME) {
        struck = Date.now();
      }
    }),
    command("accept", () => seen()?.decide(true)),
    command("reject", () => seen()?.decide(false)),
    command("keepChange", () => seen() && settle("kept")),
    command("dropChange", () => seen() && settle("dropped")),
    command("evidenceOfPreview", () => vscode.commands.executeCommand("dovetail.showEvidence", shown?.evidence)),
  );
}

/** Somebody has asked for an edit: no key before that was struck while it was made. */
export function awaited(): void {
  chosen = Date.now();
}

/** Show an edit and apply it if the person says so. Returns whether all of it was applied. */
export async function propose(
  client: BaseLanguageClient,
  edit: WorkspaceEdit,
  title: string,
  evidence: string | undefined,
  checks: () => Promise<readonly string[]>,
): Promise<boolean> {
  const refuse = (reason: string) => {
    void vscode.window.showWarningMessage(`Dovetail: ${reason}`);
    return false;
  };
  const changes: TextDocumentEdit[] = [];
  const created = new Set<string>();
  for (const change of edit.documentChanges ?? []) {
    if ("edits" in change) {
      changes.push(change);
    } else if (change.kind === "create") {
      created.add(change.uri);
    } else {
      return refuse("this edit renames or deletes files; nothing was changed.");
    }
  }
  const old = stale(changes);
  if (old) {
    return refuse(old);
  }
  const files = await Promise.all(
    changes.map(async ({ textDocument, edits }, number): Promise<Changed> => {
      const target = vscode.Uri.parse(textDocument.uri);
      const document = created.has(textDocument.uri) ? undefined : await vscode.workspace.openTextDocument(target);
      const hunks = together(await client.protocol2CodeConverter.asTextEdits(edits as TextEdit[]));
      // a new name each time: VS Code keeps the text of a document that it knows
      const uri = target.with({ scheme: SCHEME, query: `${Date.now()}-${number}` });
      return { target, document, version: document?.version, uri, hunks };
    }),
  );
  const wish = vscode.workspace.getConfiguration("dovetail").get<string>("preview");
  if (wish === "refactor" || (wish !== "diff" && files.length > 1)) {
    const description = Object.values(edit.changeAnnotations ?? {})[0]?.description;
    return vscode.workspace.applyEdit(inPanel(files, title, description));
  }
  if (!(await ask(files, title, evidence, checks))) {
    return false;
  }
  const moved = files.find((file) => file.document?.version !== file.version);
  if (moved) {
    return refuse(changedSince(moved.target));
  }
  const plain = new vscode.WorkspaceEdit();
  for (const file of files) {
    if (file.document) {
      plain.set(file.target, file.hunks.filter(stays).flatMap((hunk) => hunk.edits));
    } else if (file.hunks.some(stays)) {
      create(plain, file);
    }
  }
  const applied = await vscode.workspace.applyEdit(plain);
  if (!applied) {
    return refuse("VS Code did not apply the edit; nothing was changed.");
  }
  return files.every((file) => file.hunks.every(stays));
}

/** Why these changes are not for the text as it is now. */
function stale(changes: readonly TextDocumentEdit[]): string | undefined {
  for (const { textDocument } of changes) {
    const uri = vscode.Uri.parse(textDocument.uri).toString();
    const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri);
    if (open && textDocument.version !== null && open.version !== textDocument.version) {
      return changedSince(open.uri);
    }
  }
  return undefined;
}

function changedSince(uri: vscode.Uri): string {
  return `${vscode.workspace.asRelativePath(uri)} has changed since this edit was made; nothing was changed. Ask again.`;
}

/**
 * For VS Code's Refactor Preview. It opens for an edit in which a row needs confirmation, and such a row starts
 * unticked; so an empty row asks, and all that changes something starts ticked: Apply applies all of it.
 */
function inPanel(files: readonly Changed[], label: string, description: string | undefined): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  const told = { label, ...(description !== undefined && { description }) };
  let asks = false;
  for (const file of files) {
    if (!file.document) {
      create(edit, file, { ...told, needsConfirmation: files.length === 1 });
      continue;
    }
    const rows = file.hunks.flatMap((hunk) => hunk.edits.map(
      (one): [vscode.TextEdit, vscode.WorkspaceEditEntryMetadata] => [one, { ...told, needsConfirmation: false }],
    ));
    if (!asks) {
      asks = true;
      const nothing = vscode.TextEdit.insert(new vscode.Position(0, 0), "");
      rows.unshift([nothing, { label: "Nothing is changed before you press Apply", needsConfirmation: true }]);
    }
    edit.set(file.target, rows);
  }
  return edit;
}

/** VS Code does it only where no such file is; undo removes it. */
function create(edit: vscode.WorkspaceEdit, file: Changed, metadata?: vscode.WorkspaceEditEntryMetadata): void {
  edit.createFile(file.target, { contents: Buffer.from(text(file)) }, metadata);
}

/** The diff, once somebody can have seen it. */
function seen(): Shown | undefined {
  return shown && Date.now() >= shown.from ? shown : undefined;
}

/** Show the diff until it is accepted, rejected or closed, or another takes its place. */
function ask(...given: Parameters<typeof show>): Promise<boolean> {
  const number = ++asked;
  shown?.decide(false);
  const answer = closed.then(() => number === asked && show(...given));
  closed = answer.catch(() => undefined);
  return answer;
}

async function show(
  files: readonly Changed[],
  title: string,
  evidence: string | undefined,
  checks: () => Promise<readonly string[]>,
): Promise<boolean> {
  const before = vscode.window.activeTextEditor;
  const column = before?.viewColumn ?? vscode.ViewColumn.Active;
  const selection = before?.selection;
  const writing = struck > chosen && Date.now() - struck < GLANCE;
  const label = `${title} (Ctrl+Enter applies, Escape drops)`;
  let mine: Shown | undefined;
  const answer = new Promise<boolean>((decide) => {
    shown = mine = { title: label, files, decide, from: writing ? Date.now() + GLANCE : 0, evidence, held: [] };
  });
  await vscode.commands.executeCommand("setContext", "dovetail.previewing", true);
  const [only, ...more] = files;
  const left = (file: Changed) => file.document?.uri ?? file.uri.with({ fragment: "new" }); // which is empty
  if (only && more.length === 0) {
    // in the same column it would cover where somebody writes
    const where = writing ? { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true } : { viewColumn: column };
    await vscode.commands.executeCommand("vscode.diff", left(only), only.uri, label, { preview: true, ...where });
  } else {
    const rows = files.map((file) => [file.target, left(file), file.uri]);
    await vscode.commands.executeCommand("vscode.changes", label, rows);
  }
  annotate();
  void checks().then((held) => {
    mine!.held = held;
    annotate();
  }, () => undefined);
  const accepted = await answer;
  if (shown === mine) {
    shown = undefined;
    await vscode.commands.executeCommand("setContext", "dovetail.previewing", false);
  }
  if (before) {
    // before the diff is closed: VS Code would show something else in between, and take the focus twice
    const back = { viewColumn: column, ...(selection && { selection }) };
    await vscode.window.showTextDocument(before.document, back).then(undefined, () => undefined); // it may be gone
  }
  for (const tab of vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => isOf(tab, mine!))) {
    await vscode.window.tabGroups.close(tab);
  }
  return accepted;
}

/** Keep or drop the change under the cursor and go on to the next; the last answer applies what is kept. */
function settle(state: "kept" | "dropped"): void {
  if (!shown) {
    return;
  }
  const editor = vscode.window.activeTextEditor;
  const here = shown.files.find((file) => file.uri.toString() === editor?.document.uri.toString());
  const open = here ? lines(here).filter(({ hunk }) => hunk.state === "open") : [];
  const at = editor?.selection.active.line ?? 0;
  const hunk = (open.find(({ last }) => at <= last) ?? open[open.length - 1])?.hunk
    ?? shown.files.flatMap((file) => file.hunks).find((one) => one.state === "open");
  if (!hunk) {
    return;
  }
  hunk.state = state;
  const hunks = shown.files.flatMap((file) => file.hunks);
  if (!hunks.some((one) => one.state === "open")) {
    return shown.decide(hunks.some(stays));
  }
  if (state === "dropped") {
    shown.files.filter((file) => file.hunks.includes(hunk)).forEach((file) => rewritten.fire(file.uri));
  }
  const next = here && lines(here).filter((one) => one.hunk.state === "open");
  const line = (next?.find(({ first }) => first >= at) ?? next?.[0])?.first;
  if (editor && line !== undefined) {
    editor.selection = new vscode.Selection(line, 0, line, 0);
    editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }
  annotate();
}

/** Say beside each change what holds of it and what can be done with it. */
function annotate(): void {
  if (!shown) {
    return;
  }
  const all = shown.files.flatMap((file) => file.hunks);
  const held = all.every(stays)
    ? shown.held.length ? `✓ ${shown.held.length} checks: ${shown.held.join(" · ")}` : ""
    : "what is left was not checked without what you dropped";
  for (const editor of vscode.window.visibleTextEditors) {
    const file = shown.files.find((one) => one.uri.toString() === editor.document.uri.toString());
    if (file) {
      const next = file.hunks.find((hunk) => hunk.state === "open");
      const notes = lines(file).flatMap(({ hunk, first, last }) => {
        const keys = all.length > 1 && (hunk.state === "kept" ? "kept" : hunk === next && "Enter keeps, Delete drops");
        const contentText = [keys, hunk === all.find(stays) && held].filter(Boolean).join("   ");
        const range = shortest(editor.document, first, last);
        return contentText ? [{ range, hoverMessage: contentText, renderOptions: { after: { contentText } } }] : [];
      });
      editor.setDecorations(note, notes);
    }
  }
}

/** Where there is most room behind the text. */
function shortest(document: vscode.TextDocument, first: number, last: number): vscode.Range {
  let best = document.lineAt(Math.min(first, document.lineCount - 1)).range;
  for (let line = first + 1; line < Math.min(last, document.lineCount); line++) {
    const { range, isEmptyOrWhitespace } = document.lineAt(line);
    best = !isEmptyOrWhitespace && range.end.character < best.end.character ? range : best;
  }
  return best;
}

function isShown(tab: vscode.Tab): boolean {
  return shown !== undefined && isOf(tab, shown);
}

function isOf(tab: vscode.Tab, { title, files }: Shown): boolean {
  if (tab.input instanceof vscode.TabInputTextDiff) {
    const { modified } = tab.input;
    return files.some((file) => file.uri.toString() === modified.toString());
  }
  return files.length > 1 && tab.label.startsWith(title); // the tab of several diffs says no more of itself
}
