// Explanations and evidence: Markdown that is read and not edited.

import * as vscode from "vscode";

const SCHEME = "dovetail-document";

const texts = new Map<string, string>();
const changed = new vscode.EventEmitter<vscode.Uri>();

export function register(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    onDidChange: changed.event,
    provideTextDocumentContent: (uri) => texts.get(uri.path) ?? "",
  });
}

/** Show Markdown beside the code; a second one of the same title takes the place of the first. */
export async function show(title: string, markdown: string): Promise<void> {
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}.md` });
  texts.set(uri.path, markdown);
  changed.fire(uri);
  try {
    await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
  } catch {
    const document = await vscode.workspace.openTextDocument(uri); // the built-in preview is switched off
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
  }
}
