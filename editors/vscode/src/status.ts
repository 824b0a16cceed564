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

let counted: Status["counts"] = {};

/** What was counted today, over restarts of the server; kept by VS Code on this machine. */
export function today(counts: Status["counts"], storage: vscode.Memento): Status["counts"] {
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

export function show(status: Status, paused: boolean): void {
  const icon = paused ? "debug-pause" : (icons[status.state] ?? "question");
  item.text = `$(${icon}) ${status.model || "Dovetail"}`;
  item.tooltip = new vscode.MarkdownString(markdown(status, paused));
  item.backgroundColor =
    status.state === "failed" ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
  item.accessibilityInformation = { label: `Dovetail: ${paused ? "paused" : status.state}` };
  item.show();
}

export function stopped(reason: string): void {
  item.text = "$(error) Dovetail";
  item.tooltip = `Dovetail does not run: ${reason}`;
  item.backgroundColor = new vscode.ThemeColor("statusBarItem.errorBackground");
  item.show();
}

export function starting(): void {
  item.text = "$(loading~spin) Dovetail";
  item.tooltip = "Dovetail is being started.";
  item.backgroundColor = undefined;
  item.show();
}

/** Everything that the server says of itself. */
export function markdown(status: Status, paused: boolean): string {
  const lines = [
    `**Dovetail**: ${paused ? "paused" : status.state}`,
    "",
    ...(status.reason ? [status.reason, ""] : []),
    `- model: ${status.model || "none"}`,
    `- project: ${status.scanning ? "being read" : status.indexed || "no folder"}`,
    `- workspace: ${status.trusted ? "trusted" : "not trusted"}`,
  ];
  const section = (title: string, counts: { readonly [what: string]: number }) => {
    const rows = Object.entries(counts).map(([what, count]) => `- ${what}: ${count}`);
    if (rows.length) {
      lines.push("", title, "", ...rows);
    }
  };
  section("Today", status.counts);
  section("Why it was silent", status.silences);
  return lines.join("\n");
}
