// The settings for the server: what the user says, and what a workspace may narrow.

import * as vscode from "vscode";

type Values = { [key: string]: unknown };

export interface Settings {
  /** From the user's own settings; anything. */
  readonly user: Values;
  /** From the workspace; the server only lets it switch off, leave out and lower. */
  readonly workspace: Values;
}

/** The settings of the server, which package.json has from the server's own schema. */
export function read(context: vscode.ExtensionContext): Settings {
  const configuration = vscode.workspace.getConfiguration();
  const [, group] = context.extension.packageJSON.contributes.configuration as [unknown, { properties: Values }];
  const user: Values = {};
  const workspace: Values = {};
  for (const name of Object.keys(group.properties)) {
    const found = configuration.inspect(name);
    const path = name.split(".").slice(1);
    set(user, path, found?.globalValue);
    set(workspace, path, found?.workspaceFolderValue ?? found?.workspaceValue);
  }
  return { user, workspace };
}

function set(values: Values, path: readonly string[], value: unknown): void {
  if (value === undefined || value === null) {
    return;
  }
  const last = path[path.length - 1];
  for (const part of path.slice(0, -1)) {
    values = (values[part] ??= {}) as Values;
  }
  if (last !== undefined) {
    values[last] = value;
  }
}
