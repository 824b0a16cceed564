// Explanations and evidence: Markdown that is read and not edited.

import * as vscode from "vscode";

const SCHEME = "dovetail-document";

const texts = new Map<string, string>();
const KEPT = 20;
let shown = 0;

export function register(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? "",
  });
}

/** Show Markdown beside the code, in the one preview that there is for it. */
export async function show(title: string, markdown: string): Promise<void> {
  // a new name each time: VS Code keeps the text of a document that it knows
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}.md`, query: String(++shown) });
  texts.set(uri.toString(), markdown);
  for (const old of [...texts.keys()].slice(0, -KEPT)) {
    texts.delete(old);
  }
  try {
    await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
  } catch {
    const document = await vscode.workspace.openTextDocument(uri); // the built-in preview is switched off
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
  }
}
