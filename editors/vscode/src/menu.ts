// What a click on the status bar offers.

import * as vscode from "vscode";
import * as client from "./client.js";
import * as models from "./models.js";
import * as status from "./status.js";

export function register(id: string): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand("dovetail.menu", () => menu(id)),
    vscode.commands.registerCommand("dovetail.chooseModel", chooseModel),
    vscode.commands.registerCommand("dovetail.toggleLanguage", toggleLanguage),
  );
}

async function menu(id: string): Promise<void> {
  const row = (label: string, command: string, ...given: unknown[]) => ({ label, command, given });
  const language = vscode.window.activeTextEditor?.document.languageId;
  const off = vscode.workspace.getConfiguration("dovetail").get<string[]>("completion.off_in", []).includes(language ?? "");
  const rows = [
    ...(client.current()?.isRunning()
      ? [
          status.isPaused() ? row("$(play) Resume suggestions", "dovetail.resume") : row("$(debug-pause) Pause suggestions", "dovetail.pause"),
          ...(language ? [row(`$(${off ? "play" : "debug-pause"}) Suggestions in ${language}: ${off ? "switch on" : "switch off"}`, "dovetail.toggleLanguage")] : []),
          row("$(server-environment) Switch the model…", "dovetail.chooseModel"),
          row("$(comment) Ask in words…", "dovetail.askInWords"),
          row("$(discard) Take back the last edit", "dovetail.undoLast"),
          row("$(info) What the last suggestion rests on", "dovetail.showEvidence"),
          row("$(graph) Statistics", "dovetail.showStats"),
          row("$(pulse) Status", "dovetail.report"),
        ]
      : []),
    ...(client.executable() ? [row("$(heart) Doctor: is everything well?", "dovetail.doctor")] : []),
    row("$(refresh) Restart the server", "dovetail.restart"),
    ...(client.current() ? [row("$(output) Log", "dovetail.log")] : []),
    row("$(book) Walkthrough", "dovetail.walkthrough"),
    row("$(gear) Settings", "workbench.action.openSettings", `@ext:${id}`),
  ];
  const choice = await vscode.window.showQuickPick(rows, { title: "Dovetail", placeHolder: status.reason() });
  if (choice) {
    await vscode.commands.executeCommand(choice.command, ...choice.given);
  }
}

async function chooseModel(): Promise<void> {
  const command = client.executable();
  if (command && client.current()?.isRunning()) {
    await models.choose(await client.execute("dovetail.models"), command);
  }
}

/** Suggestions in the language of the file that is looked at: off, or on again; for all projects. */
async function toggleLanguage(): Promise<void> {
  const language = vscode.window.activeTextEditor?.document.languageId;
  if (language) {
    const configuration = vscode.workspace.getConfiguration("dovetail");
    const off = configuration.inspect<string[]>("completion.off_in")?.globalValue ?? [];
    const now = off.includes(language) ? off.filter((one) => one !== language) : [...off, language];
    await configuration.update("completion.off_in", now.length ? now : undefined, vscode.ConfigurationTarget.Global);
    vscode.window.setStatusBarMessage(`Dovetail: suggestions in ${language} are ${now.includes(language) ? "off" : "on"}.`, 5000);
  }
}
