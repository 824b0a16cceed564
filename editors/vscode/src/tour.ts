// The walkthrough, and what it opens: a piece of Python to try Dovetail on, saved nowhere.

import * as vscode from "vscode";

const SAMPLE = `def discount(price: float, percent: int = 0) -> float:
    """Take percent off a price.

    Args:
        price: must not be negative.
        percent: between 0 and 100.
    """
    return price * (100 - percent) / 100


def total(prices: list[float]) -> float:
    """The sum of the prices."""
`;

let sample: vscode.TextDocument | undefined;

export function register({ extension }: vscode.ExtensionContext): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand("dovetail.walkthrough", () =>
      vscode.commands.executeCommand("workbench.action.openWalkthrough", `${extension.id}#start`),
    ),
    vscode.commands.registerCommand("dovetail.trySuggestion", async () => {
      const editor = await open();
      const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
      editor.selection = new vscode.Selection(end, end);
      await editor.edit((edit) => edit.insert(end, "    return "));
      await vscode.commands.executeCommand("editor.action.inlineSuggest.trigger");
    }),
    vscode.commands.registerCommand("dovetail.tryValidation", async () => {
      const editor = await open();
      editor.selection = new vscode.Selection(0, 4, 0, 4);
      await vscode.commands.executeCommand("editor.action.codeAction", {
        kind: "refactor.rewrite.dovetail.validate", apply: "first",
      });
    }),
  );
}

/** Said once, ever. */
export async function welcome({ globalState }: vscode.ExtensionContext): Promise<void> {
  if (!globalState.get("welcomed")) {
    await globalState.update("welcomed", true);
    const show = "Show Me";
    if ((await vscode.window.showInformationMessage("Dovetail runs, on this machine alone. What can it do?", show)) === show) {
      await vscode.commands.executeCommand("dovetail.walkthrough");
    }
  }
}

async function open(): Promise<vscode.TextEditor> {
  if (!sample || sample.isClosed) {
    sample = await vscode.workspace.openTextDocument({ language: "python", content: SAMPLE });
  }
  return vscode.window.showTextDocument(sample, { viewColumn: vscode.ViewColumn.Active });
}
