// From a row of the menu, or a sentence, to an edit that is shown.

import * as vscode from "vscode";
import { CodeActionResolveRequest, type Command, type WorkspaceEdit } from "vscode-languageclient/node";
import * as client from "./client.js";
import * as preview from "./preview.js";
import { waited } from "./waiting.js";

export function register(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand("dovetail.propose", propose),
    vscode.commands.registerCommand("dovetail.askInWords", () => ask("")),
  );
}

/** A chosen row of the menu: its edit is not given to VS Code but to the preview. */
export async function resolve(row: vscode.CodeAction, token: vscode.CancellationToken): Promise<vscode.CodeAction> {
  const server = client.current();
  if (!server || row.command) {
    return row; // explanations need nothing more
  }
  preview.awaited();
  try {
    const asked = await server.code2ProtocolConverter.asCodeAction(row, token);
    const made = await waited(row.title, (stop) => server.sendRequest(CodeActionResolveRequest.type, asked, stop), token);
    if (made.edit) {
      row.command = { command: "dovetail.propose", title: made.title, arguments: [made.edit, made.title, made.command] };
    } else if (made.command) {
      row.command = server.protocol2CodeConverter.asCommand(made.command);
    }
  } catch (error) {
    told(error);
  }
  return row;
}

/** Say in words what should be done with what is selected; asks back until that is clear. */
async function ask(words: string, question = "What should be done?"): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const text = await vscode.window.showInputBox({ title: "Dovetail", prompt: question, value: words, placeHolder: "add validation" });
  const server = client.current();
  if (!server || !editor || !text) {
    return;
  }
  const uri = server.code2ProtocolConverter.asUri(editor.document.uri);
  const range = server.code2ProtocolConverter.asRange(editor.selection);
  preview.awaited();
  try {
    const answer = await waited("Ask", (token) => client.execute("dovetail.ask", [{ text, uri, range }], token));
    if (answer.question) {
      // understood, and there is nothing to do here; or not understood
      return answer.kind ? void vscode.window.showInformationMessage(`Dovetail: ${answer.question}`) : ask(text, answer.question);
    } else if (answer.action === "explain") {
      await vscode.commands.executeCommand("dovetail.explain", answer.row);
      return;
    }
    const row = { title: answer.title, data: answer.row };
    const made = await waited(answer.title, (token) => server.sendRequest(CodeActionResolveRequest.type, row, token));
    if (made.edit) {
      await propose(made.edit, made.title, made.command);
    } else if (made.command) {
      await vscode.commands.executeCommand(made.command.command, ...(made.command.arguments ?? []));
    }
  } catch (error) {
    told(error);
  }
}

/** Show an edit; where it is taken, `after` tells the server so. Returns whether all of it was applied. */
async function propose(edit: WorkspaceEdit, title: string, after?: Command): Promise<boolean> {
  const server = client.current();
  const evidence: string | undefined = after?.arguments?.[0];
  const checks = async () => (evidence ? (await client.execute("dovetail.showEvidence", [evidence]))?.held ?? [] : []);
  const applied = server !== undefined && (await preview.propose(server, edit, title, evidence, checks));
  if (applied && after) {
    await vscode.commands.executeCommand(after.command, ...(after.arguments ?? []));
  }
  return applied;
}

function told(error: unknown): void {
  if (!(error instanceof vscode.CancellationError)) {
    void vscode.window.showWarningMessage(`Dovetail: ${client.message(error)}`);
  }
}
