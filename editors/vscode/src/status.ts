// The item in the status bar: which model, what it does, why it is silent.

import * as vscode from "vscode";

/** `dovetail/status`, as the server sends it. */
export interface Status {
  readonly state: string;
  readonly reason: string;
  readonly model: string;
  readonly indexed: string;
  readonly scanning: boolean;
  readonly trusted: boolean;
  readonly silences: { readonly [reason: string]: number };
  readonly counts: { readonly [what: string]: number };
}

let storage: vscode.Memento;
let said: Status | undefined;
let paused = false;
let counted: Status["counts"] = {};

export function register(kept: vscode.Memento): vscode.Disposable {
  storage = kept;
  return vscode.Disposable.from(
    item,
    vscode.commands.registerCommand("dovetail.pause", () => pause(true)),
    vscode.commands.registerCommand("dovetail.resume", () => pause(false)),
    vscode.window.onDidChangeActiveNotebookEditor(draw),
  );
}

/** What the server says of itself. */
export function told(now: Status): void {
  said = { ...now, counts: today(now.counts) };
  draw();
}

export function isPaused(): boolean {
  return paused;
}

/** Why it is silent, "" where it is not. */
export function reason(): string {
  return said?.reason ?? "";
}

async function pause(on: boolean): Promise<void> {
  paused = on;
  await vscode.commands.executeCommand("setContext", "dovetail.paused", on);
  if (on) {
    await vscode.commands.executeCommand("editor.action.inlineSuggest.hide");
  }
  draw();
}

/** What was counted today, over restarts of the server; kept by VS Code on this machine. */
function today(counts: Status["counts"]): Status["counts"] {
  const day = new Date().toDateString();
  const kept = storage.get<{ day: string; counts: Status["counts"] }>("today");
  const sums: { [what: string]: number } = kept?.day === day ? { ...kept.counts } : {};
  for (const [what, count] of Object.entries(counts)) {
    const before = counted[what] ?? 0; // by the same server, if it is no more than now
    sums[what] = (sums[what] ?? 0) + (count < before ? count : count - before);
  }
  counted = counts;
  void storage.update("today", { day, counts: sums });
  return sums;
}

const item = vscode.window.createStatusBarItem("dovetail.status", vscode.StatusBarAlignment.Right, 100);
item.name = "Dovetail";
item.command = "dovetail.menu";

const icons: { readonly [state: string]: string } = {
  ready: "sparkle",
  busy: "sparkle",
  loading: "loading~spin",
  none: "circle-slash",
  failed: "warning",
};

function draw(): void {
  if (!said) {
    return; // it is being started, or does not run
  }
  const notebook = vscode.window.activeNotebookEditor !== undefined;
  const icon = notebook ? "circle-slash" : paused ? "debug-pause" : (icons[said.state] ?? "question");
  item.text = `$(${icon}) ${notebook ? "not in notebooks" : said.model || "Dovetail"}`;
  item.tooltip = new vscode.MarkdownString(markdown());
  item.backgroundColor = said.state === "failed" ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
  item.accessibilityInformation = { label: `Dovetail: ${notebook ? "not in notebooks" : paused ? "paused" : said.state}` };
  item.show();
}

export function stopped(reason: string): void {
  said = undefined;
  item.text = "$(error) Dovetail";
  item.tooltip = `Dovetail does not run: ${reason}`;
  item.backgroundColor = new vscode.ThemeColor("statusBarItem.errorBackground");
  item.show();
}

export function starting(): void {
  said = undefined;
  item.text = "$(loading~spin) Dovetail";
  item.tooltip = "Dovetail is being started.";
  item.backgroundColor = undefined;
  item.show();
}

/** Everything that the server says of itself. */
export function markdown(): string {
  if (!said) {
    return "**Dovetail** does not run.";
  }
  const lines = [
    `**Dovetail**: ${paused ? "paused" : said.state}`,
    "",
    ...(vscode.window.activeNotebookEditor ? ["Cells of notebooks are not served: a cell does not say what those before it define.", ""] : []),
    ...(said.reason ? [said.reason, ""] : []),
    `- model: ${said.model || "none"}`,
    `- project: ${said.scanning ? "being read" : said.indexed || "no folder"}`,
    `- workspace: ${said.trusted ? "trusted" : "not trusted"}`,
  ];
  const section = (title: string, counts: { readonly [what: string]: number }) => {
    const rows = Object.entries(counts).map(([what, count]) => `- ${what}: ${count}`);
    if (rows.length) {
      lines.push("", title, "", ...rows);
    }
  };
  section("Today", said.counts);
  section("Why it was silent", said.silences);
  return lines.join("\n");
}
