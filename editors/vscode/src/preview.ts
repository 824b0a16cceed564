// Every edit is shown before it is applied, and applied only to the text that it was made for. VS Code itself
// applies the edit of a code action without a look at its version.

import * as vscode from "vscode";
import type { BaseLanguageClient, TextDocumentEdit, TextEdit, WorkspaceEdit } from "vscode-languageclient/node";

const SCHEME = "dovetail-preview";

interface Shown {
  readonly uri: vscode.Uri;
  readonly decide: (applied: boolean) => void;
  readonly evidence: string | undefined;
}

let shown: Shown | undefined;
const texts = new Map<string, string>();

export function register(): vscode.Disposable {
  const command = (name: string, act: () => unknown) => vscode.commands.registerCommand(`dovetail.${name}`, act);
  return vscode.Disposable.from(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? "",
    }),
    vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
      if (shown && closed.some((tab) => isOf(tab, shown?.uri))) {
        shown.decide(false);
      }
    }),
    command("accept", () => shown?.decide(true)),
    command("reject", () => shown?.decide(false)),
    command("evidenceOfPreview", () => vscode.commands.executeCommand("dovetail.showEvidence", shown?.evidence)),
  );
}

/** Show an edit and apply it if the person says so. Returns whether it was applied. */
export async function propose(
  client: BaseLanguageClient,
  edit: WorkspaceEdit,
  title: string,
  evidence: string | undefined,
): Promise<boolean> {
  const refuse = (reason: string) => {
    void vscode.window.showWarningMessage(`Dovetail: ${reason}`);
    return false;
  };
  const changes = (edit.documentChanges ?? []).filter((change): change is TextDocumentEdit => "edits" in change);
  if (changes.length === 0 || changes.length !== edit.documentChanges?.length) {
    return refuse("this edit does more than change text; nothing was changed.");
  }
  let old = stale(changes);
  if (old) {
    return refuse(old);
  }
  const [only] = changes;
  const panel = vscode.workspace.getConfiguration("dovetail").get("preview") === "refactor";
  if (panel || changes.length > 1 || only === undefined) {
    // its rows need confirmation because the server's annotations say so; it refuses changed text itself
    return vscode.workspace.applyEdit(await client.protocol2CodeConverter.asWorkspaceEdit(edit), { isRefactoring: true });
  }

  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(only.textDocument.uri));
  const before = document.version;
  if (!(await ask(document, await changed(client, document, only.edits as TextEdit[]), title, evidence))) {
    return false;
  }
  old = stale(changes);
  if (old || document.version !== before) {
    return refuse(old ?? moved(document.uri));
  }
  const plain = new vscode.WorkspaceEdit();
  plain.set(document.uri, await client.protocol2CodeConverter.asTextEdits(only.edits as TextEdit[]));
  const applied = await vscode.workspace.applyEdit(plain);
  return applied || refuse("VS Code did not apply the edit; nothing was changed.");
}

/** Why these changes are not for the text as it is now. */
function stale(changes: readonly TextDocumentEdit[]): string | undefined {
  for (const { textDocument } of changes) {
    const uri = vscode.Uri.parse(textDocument.uri).toString();
    const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri);
    if (open && textDocument.version !== null && open.version !== textDocument.version) {
      return moved(open.uri);
    }
  }
  return undefined;
}

function moved(uri: vscode.Uri): string {
  return `${vscode.workspace.asRelativePath(uri)} has changed since this edit was made; nothing was changed. Ask again.`;
}

/** The text after the edits. */
async function changed(client: BaseLanguageClient, document: vscode.TextDocument, edits: TextEdit[]): Promise<string> {
  const all = await client.protocol2CodeConverter.asTextEdits(edits);
  const last = (edit: vscode.TextEdit) => document.offsetAt(edit.range.start);
  let text = document.getText();
  for (const edit of all.sort((one, two) => last(two) - last(one))) {
    const newText = edit.newText.replace(/\r?\n/g, document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n");
    text = text.slice(0, document.offsetAt(edit.range.start)) + newText + text.slice(document.offsetAt(edit.range.end));
  }
  return text;
}

/** Show the diff until it is accepted, rejected or closed. */
async function ask(
  document: vscode.TextDocument,
  text: string,
  title: string,
  evidence: string | undefined,
): Promise<boolean> {
  shown?.decide(false);
  const column = vscode.window.activeTextEditor?.viewColumn ?? vscode.ViewColumn.Active;
  const selection = vscode.window.activeTextEditor?.selection;
  // a new name each time: VS Code keeps the text of a document that it knows
  const uri = document.uri.with({ scheme: SCHEME, query: String(Date.now()) });
  texts.set(uri.toString(), text);
  const answer = new Promise<boolean>((decide) => {
    shown = { uri, decide, evidence };
  });
  await vscode.commands.executeCommand("setContext", "dovetail.previewing", true);
  await vscode.commands.executeCommand(
    "vscode.diff", document.uri, uri, `${title} (Ctrl+Enter applies, Escape drops)`, { preview: true, viewColumn: column },
  );
  const accepted = await answer;
  if (shown?.uri === uri) {
    shown = undefined;
    await vscode.commands.executeCommand("setContext", "dovetail.previewing", false);
  }
  texts.delete(uri.toString());
  for (const tab of vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => isOf(tab, uri))) {
    await vscode.window.tabGroups.close(tab);
  }
  await vscode.window.showTextDocument(document, { viewColumn: column, ...(selection && { selection }) });
  return accepted;
}

function isOf(tab: vscode.Tab, uri: vscode.Uri | undefined): boolean {
  return tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.toString() === uri?.toString();
}
