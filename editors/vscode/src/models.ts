// Which model: chosen from what is on this machine, or downloaded first.

import * as vscode from "vscode";
import * as program from "./program.js";

/** A row of `dovetail.models`. */
interface Model {
  readonly name: string;
  readonly gb: number;
  readonly says: string;
  readonly here: boolean;
}

export interface Models {
  readonly models: readonly Model[];
  readonly used: string;
  readonly endpoint: string;
}

/** Ask which model is wanted, have it here, and write it into the user's settings. `command` is the server's. */
export async function choose({ models, used, endpoint }: Models, command: string): Promise<void> {
  const row = (model: Model) => ({
    label: `$(${model.name === used && !endpoint ? "check" : model.here ? "circle-outline" : "cloud-download"}) ${model.name}`,
    description: size(model.gb),
    detail: model.says,
    model,
  });
  const heading = (label: string) => ({ label, kind: vscode.QuickPickItemKind.Separator, model: undefined });
  const rows = [
    heading("on this machine"),
    ...models.filter((model) => model.here).map(row),
    heading("downloaded when you choose it"),
    ...models.filter((model) => !model.here).map(row),
  ];
  const placeHolder = endpoint ? `now: the endpoint ${endpoint}, which goes before any file` : `now: ${used}`;
  const choice = (await vscode.window.showQuickPick(rows, { title: "Dovetail: which model?", placeHolder, matchOnDetail: true }))?.model;
  if (!choice) {
    return;
  }
  if (!choice.here) {
    const ran = await program.run(`downloading ${choice.name}, ${size(choice.gb)}`, command, ["model", "pull", choice.name]);
    if (ran.code === undefined) {
      return void vscode.window.showInformationMessage("Dovetail: stopped. What was fetched is kept; choose it again to go on.");
    } else if (ran.code !== 0) {
      return void vscode.window.showErrorMessage(`Dovetail: ${ran.output.trim().slice(-400)}`);
    }
  }
  await vscode.workspace.getConfiguration("dovetail").update("model", choice.name, vscode.ConfigurationTarget.Global);
}

function size(gb: number): string {
  return gb < 0.05 ? `${Math.round(1000 * gb)} MB` : `${gb.toFixed(1)} GB`;
}
