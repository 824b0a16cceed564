// What is served: files of each folder, and unsaved ones. What is shown: documents that nobody can change.

const { assert, diff, file, hover, no, open, served, shown, until, vscode, yes } = require("./person.js");

describe("documents:", () => {
  let text; // of a file with a function that can be checked

  before(async () => {
    await served();
    text = (await open(file("scale.py", 1))).getText();
  });

  it("files of both folders are served", async () => {
    const prices = await open(file("shop/prices.py"));
    await until(async () => (await hover(prices, "discount(")).includes("Called by"), "the first folder is served");
    const scale = await open(file("scale.py", 1));
    await until(async () => (await hover(scale, "scale(")).includes("Twice the size"), "the second folder is served");
    await no(await shown(scale, "scale(", "Add validation"));
  });

  it("a file that was never saved is served, and an edit there is undone by one undo", async () => {
    const document = await vscode.workspace.openTextDocument({ language: "python", content: text });
    await vscode.window.showTextDocument(document, { preview: false });
    assert.equal(document.uri.scheme, "untitled");
    assert.match(await hover(document, "scale("), /Twice the size/);
    assert.equal(await yes(await shown(document, "scale(", "Add validation")), true);
    assert.match(document.getText(), /raise ValueError/);
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), text);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  it("cells of notebooks are left alone", async () => {
    const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, text, "python");
    const notebook = await vscode.workspace.openNotebookDocument("jupyter-notebook", new vscode.NotebookData([cell]));
    await vscode.window.showNotebookDocument(notebook);
    const { document } = notebook.cellAt(0);
    const rows = await vscode.commands.executeCommand(
      "vscode.executeCodeActionProvider", document.uri, new vscode.Range(0, 5, 0, 5), undefined, 100);
    assert.deepEqual(rows.map((row) => row.title).filter((title) => title.includes("scale")), []);
    assert.doesNotMatch(await hover(document, "scale("), /Twice the size/);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  it("the right side of a diff is the text as it would be, and cannot be changed", async () => {
    const prices = await open(file("shop/prices.py"));
    const before = prices.getText();
    const asked = await shown(prices, "discount(", "Add validation");
    const { original, modified } = diff().input;
    assert.equal(original.toString(), prices.uri.toString());
    assert.equal(modified.scheme, "dovetail-preview");
    const right = await vscode.workspace.openTextDocument(modified);
    assert.match(right.getText(), /raise TypeError/);
    assert(right.getText().endsWith(before.slice(-80)), "what is not changed is as it is");
    const proposed = right.getText();
    await vscode.commands.executeCommand("workbench.action.compareEditor.focusPrimarySide");
    await vscode.commands.executeCommand("type", { text: "# typed" });
    assert.equal(right.getText(), proposed);
    await no(asked);
    assert.equal(diff(), undefined);
    assert.equal(prices.getText(), before);
  });

  it("evidence and statistics are Markdown in documents of their own", async () => {
    const known = () => vscode.workspace.textDocuments.filter((one) => one.uri.scheme === "dovetail-document");
    await vscode.commands.executeCommand("dovetail.showStats");
    const document = await until(() => known().find((one) => one.uri.path === "/Statistics.md"), "there are statistics");
    assert.match(document.getText(), /Suggestions/);
    assert.equal(document.isDirty, false);
    await vscode.commands.executeCommand("workbench.action.closeEditorsInOtherGroups");
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
  });
});
