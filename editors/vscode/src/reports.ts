// What there is to read about Dovetail itself: its status, its doctor, what a model would see.

import * as vscode from "vscode";
import * as client from "./client.js";
import * as documents from "./documents.js";
import * as program from "./program.js";
import * as status from "./status.js";

export function register(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand("dovetail.report", report),
    vscode.commands.registerCommand("dovetail.why", why),
    vscode.commands.registerCommand("dovetail.doctor", doctor),
  );
}

async function report(): Promise<void> {
  status.told(await client.execute("dovetail.status"));
  await documents.show("Dovetail", status.markdown());
}

/** What a model would be shown for the place of the cursor. */
async function why(): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const server = client.current();
  if (server && editor) {
    const place = server.code2ProtocolConverter.asTextDocumentPositionParams(editor.document, editor.selection.active);
    await vscode.commands.executeCommand("dovetail.showEvidence", place);
  }
}

async function doctor(): Promise<void> {
  const command = client.executable();
  const ran = command && (await program.run("is everything well?", command, ["doctor"]));
  if (ran && ran.code !== undefined) {
    await documents.show("Doctor", `# Doctor\n\n\`\`\`\n${ran.output}\n\`\`\`\n`);
  }
}
