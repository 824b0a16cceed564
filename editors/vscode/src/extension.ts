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

/** Commands of the server that answer with something to read. */
const titles: { readonly [command: string]: string } = {
  "dovetail.explain": "Explanation",
  "dovetail.showEvidence": "Evidence",
  "dovetail.showStats": "Statistics",
};

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
    command("askInWords", () => ask("")),
    command("why", why),
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
        const title = titles[name];
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

/** Say in words what should be done with what is selected; asks back until that is clear. */
async function ask(words: string, question = "What should be done?"): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const text = await vscode.window.showInputBox({ title: "Dovetail", prompt: question, value: words, placeHolder: "add validation" });
  if (!client || !editor || !text) {
    return;
  }
  const uri = client.code2ProtocolConverter.asUri(editor.document.uri);
  const range = client.code2ProtocolConverter.asRange(editor.selection);
  try {
    const answer = await waited("Ask", (token) => execute("dovetail.ask", { text, uri, range }, token));
    if (answer.question) {
      // understood, and there is nothing to do here; or not understood
      return answer.kind ? void vscode.window.showInformationMessage(`Dovetail: ${answer.question}`) : ask(text, answer.question);
    } else if (answer.action === "explain") {
      await vscode.commands.executeCommand("dovetail.explain", answer.row);
      return;
    }
    const row = { title: answer.title, data: answer.row };
    const made = await waited(answer.title, (token) => client!.sendRequest(CodeActionResolveRequest.type, row, token));
    if (made.edit) {
      await propose(made.edit, made.title, made.command);
    } else if (made.command) {
      await vscode.commands.executeCommand(made.command.command, ...(made.command.arguments ?? []));
    }
  } catch (error) {
    if (!(error instanceof vscode.CancellationError)) {
      void vscode.window.showWarningMessage(`Dovetail: ${message(error)}`);
    }
  }
}

/** What a model would be shown for the place of the cursor. */
async function why(): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (client && editor) {
    const place = client.code2ProtocolConverter.asTextDocumentPositionParams(editor.document, editor.selection.active);
    await vscode.commands.executeCommand("dovetail.showEvidence", place);
  }
}

function execute(command: string, argument: unknown, token: vscode.CancellationToken): Promise<any> {
  return client!.sendRequest(ExecuteCommandRequest.type, { command, arguments: [argument] }, token);
}

/** Wait; with a progress that can be cancelled, where it takes longer than a moment. */
async function waited<T>(title: string, send: (token: vscode.CancellationToken) => Promise<T>): Promise<T> {
  const stop = new vscode.CancellationTokenSource();
  const answer = send(stop.token);
  const soon = setTimeout(() => {
    const options = { location: vscode.ProgressLocation.Notification, title: `Dovetail: ${title}`, cancellable: true };
    void vscode.window.withProgress(options, (_, token) => {
      token.onCancellationRequested(() => stop.cancel());
      return answer.then(undefined, () => undefined);
    });
  }, 150);
  try {
    return await answer;
  } catch (error) {
    throw stop.token.isCancellationRequested ? new vscode.CancellationError() : error;
  } finally {
    clearTimeout(soon);
    stop.dispose();
  }
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
          row("$(comment) Ask in words…", "dovetail.askInWords"),
          row("$(discard) Take back the last edit", "dovetail.undoLast"),
          row("$(info) What the last suggestion rests on", "dovetail.showEvidence"),
          row("$(graph) Statistics", "dovetail.showStats"),
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
