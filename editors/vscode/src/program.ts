// Runs one of Dovetail's own programs, with a progress that can be cancelled.

import { spawn } from "node:child_process";
import { homedir } from "node:os";
import * as vscode from "vscode";

export interface Ran {
  /** undefined where it was stopped. */
  readonly code: number | undefined;
  readonly output: string;
}

export async function run(title: string, command: string, given: readonly string[], cwd = homedir()): Promise<Ran> {
  const options = { location: vscode.ProgressLocation.Notification, title: `Dovetail: ${title}`, cancellable: true };
  return vscode.window.withProgress(options, (progress, token) => new Promise<Ran>((done) => {
    const env = { ...process.env, NO_COLOR: "1", COLUMNS: "88" };
    const child = spawn(command, given, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const take = (data: Buffer) => {
      output += data.toString();
      const line = output.trimEnd().split(/[\r\n]+/).pop();
      progress.report({ message: (line ?? "").slice(0, 120) });
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    token.onCancellationRequested(() => child.kill("SIGINT"));
    child.on("error", (error) => done({ code: 1, output: error.message }));
    child.on("close", (code) => done({ code: token.isCancellationRequested ? undefined : (code ?? 1), output }));
  }));
}
