// What a person waits for: told of from a tenth of a second on, and Escape stops it.

import * as vscode from "vscode";

const SOON = 100; // milliseconds

const waiting = new Set<vscode.CancellationTokenSource>();

export function register(): vscode.Disposable {
  return vscode.commands.registerCommand("dovetail.cancel", () => waiting.forEach((stop) => stop.cancel()));
}

/** Wait. A stop is at once, whatever the server still does with it: it throws a `CancellationError`. */
export async function waited<T>(
  title: string,
  send: (token: vscode.CancellationToken) => Promise<T>,
  outer?: vscode.CancellationToken,
): Promise<T> {
  const stop = new vscode.CancellationTokenSource();
  outer?.onCancellationRequested(() => stop.cancel());
  let over = () => {};
  const end = new Promise<void>((done) => (over = done));
  const stopped = new Promise<never>((_, fail) => {
    stop.token.onCancellationRequested(() => fail(new vscode.CancellationError()));
  });
  const soon = setTimeout(() => {
    waiting.add(stop);
    void vscode.commands.executeCommand("setContext", "dovetail.waiting", true);
    const options = { location: vscode.ProgressLocation.Notification, title: `Dovetail: ${title}`, cancellable: true };
    void vscode.window.withProgress(options, (progress, token) => {
      token.onCancellationRequested(() => stop.cancel());
      stop.token.onCancellationRequested(() => progress.report({ message: "stopped" })); // VS Code leaves it for a moment
      return end;
    });
  }, SOON);
  try {
    return await Promise.race([send(stop.token), stopped]);
  } finally {
    over();
    clearTimeout(soon);
    waiting.delete(stop);
    void vscode.commands.executeCommand("setContext", "dovetail.waiting", waiting.size > 0);
    stop.dispose();
  }
}
