// Makes the private environment in a clone of Dovetail, where the person says yes to that.

import * as vscode from "vscode";
import * as client from "./client.js";
import * as program from "./program.js";
import * as server from "./server.js";

export function register(): vscode.Disposable {
  return vscode.commands.registerCommand("dovetail.setUp", setUp);
}

/** In the clone where this package was made, or in one that is asked for; then start what is in it. */
async function setUp(): Promise<void> {
  const refusal = (folder: string) => server.refusal(folder, client.folders(), vscode.workspace.isTrusted);
  let clone = client.clone;
  if (refusal(clone)) {
    const title = "The folder into which Dovetail was cloned";
    const [folder] = (await vscode.window.showOpenDialog({ title, canSelectFiles: false, canSelectFolders: true })) ?? [];
    if (!folder) {
      return;
    }
    clone = folder.fsPath;
  }
  const reason = refusal(clone);
  if (reason) {
    return void vscode.window.showErrorMessage(`Dovetail: ${reason}`);
  }
  const detail = `Runs ${clone}/install.py, which makes the folder .venv there, and keeps the llama.cpp that it compiles in your cache folder. It needs the network and takes about five minutes; without a C compiler a ready-made llama.cpp is taken, which is half as fast.`;
  const yes = "Set Up";
  if ((await vscode.window.showInformationMessage("Set up Dovetail in its clone?", { modal: true, detail }, yes)) !== yes) {
    return;
  }
  const ran = await program.run("setting up", process.platform === "win32" ? "python" : "python3", ["install.py"], clone);
  if (ran.code === undefined) {
    return;
  } else if (ran.code !== 0) {
    return void vscode.window.showErrorMessage(`Dovetail was not set up: ${ran.output.trim().slice(-600)}`);
  }
  const configuration = vscode.workspace.getConfiguration("dovetail");
  if (configuration.get("server.path") !== server.own(clone)) {
    await configuration.update("server.path", server.own(clone), vscode.ConfigurationTarget.Global); // which starts it
  } else {
    await client.restart();
  }
}
