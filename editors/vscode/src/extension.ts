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
import * as models from "./models.js";
import * as preview from "./preview.js";
import * as program from "./program.js";
import * as server from "./server.js";
import * as settings from "./settings.js";
import * as status from "./status.js";
import * as tour from "./tour.js";

/** Where this package was made; written by esbuild. */
declare const CLONE: string;

/** Commands of the server that answer with something to read. */
const titles: { readonly [command: string]: string } = {
  "dovetail.explain": "Explanation",
  "dovetail.showEvidence": "Evidence",
  "dovetail.showStats": "Statistics",
};

let client: LanguageClient | undefined;
let executable: string | undefined;
let storage: vscode.Memento | undefined;
let restarting = Promise.resolve();
let said: status.Status | undefined;
let paused = false;
let user = "";

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  storage = context.globalState;
  const command = (name: string, act: (...given: any[]) => unknown) =>
    vscode.commands.registerCommand(`dovetail.${name}`, act);
  context.subscriptions.push(
    documents.register(),
    preview.register(),
    tour.register(),
    command("menu", () => menu(context)),
    command("pause", () => pause(true)),
    command("resume", () => pause(false)),
    command("restart", () => restart(context)),
    command("log", () => client?.outputChannel.show()),
    command("report", report),
    command("propose", propose),
    command("askInWords", () => ask("")),
    command("why", why),
    command("cancel", () => waiting.forEach((stop) => stop.cancel())),
    command("chooseModel", chooseModel),
    command("toggleLanguage", toggleLanguage),
    command("doctor", doctor),
    command("setUp", () => setUp(context)),
    command("walkthrough", () => vscode.commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#start`)),
    vscode.workspace.onDidGrantWorkspaceTrust(() =>
      client?.isRunning() ? client.sendNotification("dovetail/trustGranted") : restart(context),
    ),
    vscode.workspace.onDidChangeWorkspaceFolders(({ added }) => {
      for (const { uri } of vscode.workspace.isTrusted && client?.isRunning() ? added : []) {
        void client?.sendNotification("dovetail/trustGranted", { uri: uri.toString() });
      }
    }),
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
  const found = server.find(path, folders(), vscode.workspace.isTrusted, CLONE);
  if ("refusal" in found) {
    return void refused(found.refusal, context); // which waits for an answer
  }
  executable = found.command;
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
    void welcome(context);
  } catch (error) {
    void refused(`${found.command} does not start: ${message(error)}`, context);
  }
}

/** Said once, ever. */
async function welcome(context: vscode.ExtensionContext): Promise<void> {
  if (!context.globalState.get("welcomed")) {
    await context.globalState.update("welcomed", true);
    const show = "Show Me";
    if ((await vscode.window.showInformationMessage("Dovetail runs, on this machine alone. What can it do?", show)) === show) {
      await vscode.commands.executeCommand("dovetail.walkthrough");
    }
  }
}

function folders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
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
      // a server that is being stopped is told nothing more; the next one is told everything anew
      didOpen: async (document, next) => (client ? next(document) : undefined),
      didChange: async (event, next) => (client ? next(event) : undefined),
      didClose: async (document, next) => (client ? next(document) : undefined),
      provideInlineCompletionItems: (document, position, wish, token, next) =>
        paused || !client ? [] : next(document, position, wish, token),
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
    const send = (stop: vscode.CancellationToken) => client!.sendRequest(CodeActionResolveRequest.type, asked, stop);
    const made = await waited(row.title, send, token);
    if (made.edit) {
      row.command = { command: "dovetail.propose", title: made.title, arguments: [made.edit, made.title, made.command] };
    } else if (made.command) {
      row.command = client.protocol2CodeConverter.asCommand(made.command);
    }
  } catch (error) {
    if (!token.isCancellationRequested && !(error instanceof vscode.CancellationError)) {
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

async function chooseModel(): Promise<void> {
  if (client?.isRunning() && executable) {
    await models.choose(await client.sendRequest(ExecuteCommandRequest.type, { command: "dovetail.models" }), executable);
  }
}

/** Suggestions in the language of the file that is looked at: off, or on again; for all projects. */
async function toggleLanguage(): Promise<void> {
  const language = vscode.window.activeTextEditor?.document.languageId;
  if (language) {
    const configuration = vscode.workspace.getConfiguration("dovetail");
    const off = configuration.inspect<string[]>("completion.off_in")?.globalValue ?? [];
    const now = off.includes(language) ? off.filter((one) => one !== language) : [...off, language];
    await configuration.update("completion.off_in", now.length ? now : undefined, vscode.ConfigurationTarget.Global);
    vscode.window.setStatusBarMessage(`Dovetail: suggestions in ${language} are ${now.includes(language) ? "off" : "on"}.`, 5000);
  }
}

async function doctor(): Promise<void> {
  const ran = executable && (await program.run("is everything well?", executable, ["doctor"]));
  if (ran && ran.code !== undefined) {
    await documents.show("Doctor", `# Doctor\n\n\`\`\`\n${ran.output}\n\`\`\`\n`);
  }
}

/** Make the private environment in a clone of Dovetail, and start what is in it. */
async function setUp(context: vscode.ExtensionContext): Promise<void> {
  let clone = CLONE;
  if (server.refusal(clone, folders(), vscode.workspace.isTrusted)) {
    const title = "The folder into which Dovetail was cloned";
    const [folder] = (await vscode.window.showOpenDialog({ title, canSelectFiles: false, canSelectFolders: true })) ?? [];
    if (!folder) {
      return;
    }
    clone = folder.fsPath;
  }
  const reason = server.refusal(clone, folders(), vscode.workspace.isTrusted);
  if (reason) {
    return void vscode.window.showErrorMessage(`Dovetail: ${reason}`);
  }
  const detail = `Runs ${clone}/install.py, which makes the folder .venv there and nothing elsewhere. It needs a C compiler and the network, and takes about five minutes.`;
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
    await restart(context);
  }
}

function execute(command: string, argument: unknown, token: vscode.CancellationToken): Promise<any> {
  return client!.sendRequest(ExecuteCommandRequest.type, { command, arguments: [argument] }, token);
}

const waiting = new Set<vscode.CancellationTokenSource>();

/** Wait; with a progress that can be cancelled, by Escape too, where it takes longer than a moment. */
async function waited<T>(
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
    void vscode.window.withProgress(options, (_, token) => {
      token.onCancellationRequested(() => stop.cancel());
      return end;
    });
  }, 100);
  try {
    return await Promise.race([send(stop.token), stopped]); // whatever the server still does with it
  } finally {
    over();
    clearTimeout(soon);
    waiting.delete(stop);
    void vscode.commands.executeCommand("setContext", "dovetail.waiting", waiting.size > 0);
    stop.dispose();
  }
}

async function propose(edit: any, title: string, after?: { command: string; arguments?: any[] }): Promise<void> {
  const evidence = after?.arguments?.[0];
  const checks = async () =>
    evidence ? (await client?.sendRequest(ExecuteCommandRequest.type, { command: "dovetail.showEvidence", arguments: [evidence] }))?.held ?? [] : [];
  if (client && (await preview.propose(client, edit, title, evidence, checks)) && after) {
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

/** One after the other: two settings that change at once are two events. */
function restart(context: vscode.ExtensionContext): Promise<void> {
  restarting = restarting.then(() => startAgain(context));
  return restarting;
}

async function startAgain(context: vscode.ExtensionContext): Promise<void> {
  const before = client;
  client = undefined;
  try {
    await before?.dispose();
  } catch {
    // it had not started, or is dead already
  }
  await start(context);
}

async function refused(reason: string, context: vscode.ExtensionContext): Promise<void> {
  status.stopped(reason);
  const make = "Set Up…";
  const choose = "Choose…";
  const log = "Log";
  const choice = await vscode.window.showErrorMessage(`Dovetail did not start: ${reason}`, make, choose, ...(client ? [log] : []));
  if (choice === log) {
    client?.outputChannel.show();
  } else if (choice === make) {
    await setUp(context);
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
  said = storage ? { ...now, counts: status.today(now.counts, storage) } : now;
  status.show(said, paused);
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
  const language = vscode.window.activeTextEditor?.document.languageId;
  const off = vscode.workspace.getConfiguration("dovetail").get<string[]>("completion.off_in", []).includes(language ?? "");
  const rows = [
    ...(running
      ? [
          paused ? row("$(play) Resume suggestions", "dovetail.resume") : row("$(debug-pause) Pause suggestions", "dovetail.pause"),
          ...(language ? [row(`$(${off ? "play" : "debug-pause"}) Suggestions in ${language}: ${off ? "switch on" : "switch off"}`, "dovetail.toggleLanguage")] : []),
          row("$(server-environment) Switch the model…", "dovetail.chooseModel"),
          row("$(comment) Ask in words…", "dovetail.askInWords"),
          row("$(discard) Take back the last edit", "dovetail.undoLast"),
          row("$(info) What the last suggestion rests on", "dovetail.showEvidence"),
          row("$(graph) Statistics", "dovetail.showStats"),
          row("$(pulse) Status", "dovetail.report"),
        ]
      : []),
    ...(executable ? [row("$(heart) Doctor: is everything well?", "dovetail.doctor")] : []),
    row("$(refresh) Restart the server", "dovetail.restart"),
    ...(client ? [row("$(output) Log", "dovetail.log")] : []),
    row("$(book) Walkthrough", "dovetail.walkthrough"),
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
