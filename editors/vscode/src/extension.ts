// Dovetail in VS Code: starts the server, shows what it says, asks before an edit. The server decides.

import { homedir } from "node:os";
import * as vscode from "vscode";
import {
  CodeActionResolveRequest,
  ExecuteCommandRequest,
  LanguageClient,
  State,
  type LanguageClientOptions,
} from "vscode-languageclient/node";
import * as documents from "./documents.js";
import * as preview from "./preview.js";
import * as server from "./server.js";
import * as settings from "./settings.js";
import * as status from "./status.js";

let client: LanguageClient | undefined;
let said: status.Status | undefined;
let paused = false;
let user = "";

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const command = (name: string, act: (...given: any[]) => unknown) =>
    vscode.commands.registerCommand(`dovetail.${name}`, act);
  context.subscriptions.push(
    documents.register(),
    preview.register(),
    command("menu", () => menu(context)),
    command("pause", () => pause(true)),
    command("resume", () => pause(false)),
    command("restart", () => restart(context)),
    command("log", () => client?.outputChannel.show()),
    command("report", report),
    command("propose", propose),
    vscode.workspace.onDidGrantWorkspaceTrust(() =>
      client?.isRunning() ? client.sendNotification("dovetail/trustGranted") : restart(context),
    ),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("dovetail")) {
        void configured(context, event);
      }
    }),
  );
  await start(context);
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

async function start(context: vscode.ExtensionContext): Promise<void> {
  const path = vscode.workspace.getConfiguration("dovetail").get("server.path", "");
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
  const found = server.find(path, folders, vscode.workspace.isTrusted);
  if ("refusal" in found) {
    return refused(found.refusal);
  }
  status.starting();
  const running = new LanguageClient(
    "dovetail",
    "Dovetail",
    { command: found.command, options: { cwd: homedir() } }, // not the workspace: it is a place to look for code
    options(context),
  );
  client = running;
  running.onNotification("dovetail/status", (now: status.Status) => told(now));
  running.onDidChangeState(({ newState }) => {
    void vscode.commands.executeCommand("setContext", "dovetail.running", newState === State.Running);
    if (newState === State.Starting) {
      status.starting();
    } else if (newState === State.Stopped && client === running) {
      status.stopped("the server has ended.");
    }
  });
  try {
    await running.start();
    told(await running.sendRequest(ExecuteCommandRequest.type, { command: "dovetail.status" }));
  } catch (error) {
    await refused(`${found.command} does not start: ${message(error)}`);
  }
}

function options(context: vscode.ExtensionContext): LanguageClientOptions {
  const events: string[] = context.extension.packageJSON.activationEvents; // written from the server's languages
  const languages = events.map((event) => event.replace("onLanguage:", ""));
  return {
    documentSelector: languages.flatMap((language) => [
      { scheme: "file", language },
      { scheme: "untitled", language },
    ]),
    initializationOptions: () => {
      const now = settings.read(context);
      user = JSON.stringify(now.user);
      return {
        workspaceTrusted: vscode.workspace.isTrusted,
        preview: "annotations",
        status: true,
        documents: "client",
        user: now.user,
        settings: now.workspace,
      };
    },
    initializationFailedHandler: () => false,
    middleware: {
      provideInlineCompletionItems: (document, position, wish, token, next) =>
        paused ? [] : next(document, position, wish, token),
      resolveCodeAction: resolve,
      executeCommand: async (name, given, next) => {
        const result = await next(name, given);
        const title = { "dovetail.explain": "Explanation", "dovetail.showEvidence": "Evidence" }[name];
        if (title && result?.markdown) {
          await documents.show(title, result.markdown);
        }
        return result;
      },
    },
  };
}

/** A chosen row of the menu: its edit is not given to VS Code but to the preview. */
async function resolve(
  row: vscode.CodeAction,
  token: vscode.CancellationToken,
): Promise<vscode.CodeAction> {
  if (!client || row.command) {
    return row; // explanations need nothing more
  }
  try {
    const asked = await client.code2ProtocolConverter.asCodeAction(row, token);
    const made = await client.sendRequest(CodeActionResolveRequest.type, asked, token);
    if (made.edit) {
      row.command = { command: "dovetail.propose", title: made.title, arguments: [made.edit, made.title, made.command] };
    } else if (made.command) {
      row.command = client.protocol2CodeConverter.asCommand(made.command);
    }
  } catch (error) {
    if (!token.isCancellationRequested) {
      void vscode.window.showWarningMessage(`Dovetail: ${message(error)}`);
    }
  }
  return row;
}

async function propose(edit: any, title: string, after?: { command: string; arguments?: any[] }): Promise<void> {
  const evidence = after?.arguments?.[0];
  if (client && (await preview.propose(client, edit, title, evidence)) && after) {
    await vscode.commands.executeCommand(after.command, ...(after.arguments ?? []));
  }
}

async function configured(
  context: vscode.ExtensionContext,
  event: vscode.ConfigurationChangeEvent,
): Promise<void> {
  const now = settings.read(context);
  if (event.affectsConfiguration("dovetail.server.path") || JSON.stringify(now.user) !== user) {
    await restart(context); // the server takes the user's own settings at its start
  } else {
    await client?.sendNotification("workspace/didChangeConfiguration", { settings: { dovetail: now.workspace } });
  }
}

async function restart(context: vscode.ExtensionContext): Promise<void> {
  const before = client;
  client = undefined;
  try {
    await before?.dispose();
  } catch {
    // it had not started, or is dead already
  }
  await start(context);
}

async function refused(reason: string): Promise<void> {
  status.stopped(reason);
  const choose = "Choose…";
  const log = "Log";
  const choice = await vscode.window.showErrorMessage(`Dovetail did not start: ${reason}`, choose, ...(client ? [log] : []));
  if (choice === log) {
    client?.outputChannel.show();
  } else if (choice === choose) {
    const [file] = (await vscode.window.showOpenDialog({ title: "The command `dovetail`" })) ?? [];
    if (file) {
      const configuration = vscode.workspace.getConfiguration("dovetail");
      await configuration.update("server.path", file.fsPath, vscode.ConfigurationTarget.Global);
    }
  }
}

async function pause(on: boolean): Promise<void> {
  paused = on;
  await vscode.commands.executeCommand("setContext", "dovetail.paused", on);
  if (on) {
    await vscode.commands.executeCommand("editor.action.inlineSuggest.hide");
  }
  if (said) {
    status.show(said, paused);
  }
}

function told(now: status.Status): void {
  said = now;
  status.show(now, paused);
}

async function report(): Promise<void> {
  if (client?.isRunning()) {
    told(await client.sendRequest(ExecuteCommandRequest.type, { command: "dovetail.status" }));
  }
  if (said) {
    await documents.show("Dovetail", status.markdown(said, paused));
  }
}

async function menu(context: vscode.ExtensionContext): Promise<void> {
  const row = (label: string, command: string, ...given: unknown[]) => ({ label, command, given });
  const running = client?.isRunning() ?? false;
  const rows = [
    ...(running
      ? [
          paused ? row("$(play) Resume suggestions", "dovetail.resume") : row("$(debug-pause) Pause suggestions", "dovetail.pause"),
          row("$(info) What the last suggestion rests on", "dovetail.showEvidence"),
          row("$(pulse) Status", "dovetail.report"),
        ]
      : []),
    row("$(refresh) Restart the server", "dovetail.restart"),
    ...(client ? [row("$(output) Log", "dovetail.log")] : []),
    row("$(gear) Settings", "workbench.action.openSettings", `@ext:${context.extension.id}`),
  ];
  const choice = await vscode.window.showQuickPick(rows, { title: "Dovetail", placeHolder: said?.reason ?? "" });
  if (choice) {
    await vscode.commands.executeCommand(choice.command, ...choice.given);
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
