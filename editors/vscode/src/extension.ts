// Dovetail in VS Code: starts the server, shows what it says, asks before an edit. The server decides.

import * as vscode from "vscode";
import * as actions from "./actions.js";
import * as client from "./client.js";
import * as documents from "./documents.js";
import * as menu from "./menu.js";
import * as preview from "./preview.js";
import * as reports from "./reports.js";
import * as setup from "./setup.js";
import * as status from "./status.js";
import * as tour from "./tour.js";
import * as waiting from "./waiting.js";

/** Commands of the server that answer with something to read. */
const titles: { readonly [command: string]: string } = {
  "dovetail.explain": "Explanation",
  "dovetail.showEvidence": "Evidence",
  "dovetail.showStats": "Statistics",
};

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    actions.register(),
    documents.register(),
    menu.register(context.extension.id),
    preview.register(),
    reports.register(),
    setup.register(),
    status.register(context.globalState),
    tour.register(context),
    waiting.register(),
    client.onStarted(() => tour.welcome(context)),
    client.register(context, {
      provideInlineCompletionItems: (document, position, wish, token, next) =>
        status.isPaused() || !client.current() ? [] : next(document, position, wish, token),
      resolveCodeAction: actions.resolve,
      executeCommand: async (name, given, next) => {
        const result = await next(name, given);
        const title = titles[name];
        if (title && result?.markdown) {
          await documents.show(title, result.markdown);
        }
        return result;
      },
    }),
  );
  await client.start();
}

export async function deactivate(): Promise<void> {
  await client.stop();
}
