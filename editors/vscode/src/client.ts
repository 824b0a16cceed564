// The server: started, started anew, and told what changes in VS Code.

import { homedir } from "node:os";
import * as vscode from "vscode";
import { ExecuteCommandRequest, LanguageClient, State, type LanguageClientOptions, type Middleware } from "vscode-languageclient/node";
import * as server from "./server.js";
import * as settings from "./settings.js";
import * as status from "./status.js";

/** Where this package was made; written by esbuild. */
declare const CLONE: string;
export const clone = CLONE;

let context: vscode.ExtensionContext;
let middleware: Middleware;
let client: LanguageClient | undefined;
let program: string | undefined;
let restarting = Promise.resolve();
/** The user's own settings that the server was started with. */
let user = "";

const started = new vscode.EventEmitter<void>();
export const onStarted = started.event;

export function register(own: vscode.ExtensionContext, between: Middleware): vscode.Disposable {
  context = own;
  middleware = between;
  return vscode.Disposable.from(
    started,
    vscode.commands.registerCommand("dovetail.restart", restart),
    vscode.commands.registerCommand("dovetail.log", () => client?.outputChannel.show()),
    vscode.workspace.onDidGrantWorkspaceTrust(() =>
      client?.isRunning() ? client.sendNotification("dovetail/trustGranted") : restart(),
    ),
    vscode.workspace.onDidChangeWorkspaceFolders(({ added }) => {
      for (const { uri } of vscode.workspace.isTrusted && client?.isRunning() ? added : []) {
        void client?.sendNotification("dovetail/trustGranted", { uri: uri.toString() });
      }
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("dovetail")) {
        void configured(event);
      }
    }),
  );
}

/** The client, while there is one; it may be starting. */
export function current(): LanguageClient | undefined {
  return client;
}

/** The program that was found; it may not start. */
export function executable(): string | undefined {
  return program;
}

export function folders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
}

/** Have a command of the server done. */
export function execute(command: string, given: unknown[] = [], token?: vscode.CancellationToken): Promise<any> {
  if (!client) {
    return Promise.reject(new Error("the server does not run."));
  }
  return client.sendRequest(ExecuteCommandRequest.type, { command, arguments: given }, token);
}

export async function start(): Promise<void> {
  const path = vscode.workspace.getConfiguration("dovetail").get("server.path", "");
  const found = server.find(path, folders(), vscode.workspace.isTrusted, clone);
  if ("refusal" in found) {
    return void refused(found.refusal); // which waits for an answer
  }
  program = found.command;
  status.starting();
  // not in the workspace: it is a place to look for code
  const running = new LanguageClient("dovetail", "Dovetail", { command: program, options: { cwd: homedir() } }, options());
  client = running;
  running.onNotification("dovetail/status", (now: status.Status) => status.told(now));
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
    status.told(await execute("dovetail.status"));
    started.fire();
  } catch (error) {
    void refused(`${found.command} does not start: ${message(error)}`);
  }
}

/** One after the other: two settings that change at once are two events. */
export function restart(): Promise<void> {
  restarting = restarting.then(async () => {
    await stop();
    await start();
  });
  return restarting;
}

export async function stop(): Promise<void> {
  const before = client;
  client = undefined;
  try {
    await before?.dispose();
  } catch {
    // it had not started, or is dead already
  }
}

export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function options(): LanguageClientOptions {
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
      // a server that is being stopped is told nothing more; the next one is told everything anew
      didOpen: async (document, next) => (client ? next(document) : undefined),
      didChange: async (event, next) => (client ? next(event) : undefined),
      didClose: async (document, next) => (client ? next(document) : undefined),
      ...middleware,
    },
  };
}

async function configured(event: vscode.ConfigurationChangeEvent): Promise<void> {
  const now = settings.read(context);
  if (event.affectsConfiguration("dovetail.server.path") || JSON.stringify(now.user) !== user) {
    await restart(); // the server takes the user's own settings at its start
  } else {
    await client?.sendNotification("workspace/didChangeConfiguration", { settings: { dovetail: now.workspace } });
  }
}

/** Say why there is no server, and offer what can be done. */
async function refused(reason: string): Promise<void> {
  status.stopped(reason);
  const [make, choose, log] = ["Set Up…", "Choose…", "Log"] as const;
  const choice = await vscode.window.showErrorMessage(`Dovetail did not start: ${reason}`, make, choose, ...(client ? [log] : []));
  if (choice === log) {
    client?.outputChannel.show();
  } else if (choice === make) {
    await vscode.commands.executeCommand("dovetail.setUp");
  } else if (choice === choose) {
    const [file] = (await vscode.window.showOpenDialog({ title: "The command `dovetail`" })) ?? [];
    if (file) {
      const configuration = vscode.workspace.getConfiguration("dovetail");
      await configuration.update("server.path", file.fsPath, vscode.ConfigurationTarget.Global);
    }
  }
}
