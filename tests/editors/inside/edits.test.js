// An edit is applied only to the text that it was made for, as one, and one undo a file takes it back.

const { assert, diff, file, no, onDisk, open, row, served, shown, undo, until, versions, vscode, yes } = require("./person.js");

describe("edits:", () => {
  let prices;
  let before;

  const insert = (document, text) => {
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), text);
    return vscode.workspace.applyEdit(edit);
  };

  beforeEach(async () => {
    await served();
    prices = await open(file("shop/prices.py"));
    before = prices.getText();
  });

  afterEach(async () => {
    await vscode.commands.executeCommand("dovetail.reject");
    for (const document of vscode.workspace.textDocuments) {
      if (document.isDirty && document.uri.scheme === "file") {
        await vscode.window.showTextDocument(document);
        await vscode.commands.executeCommand("workbench.action.files.revert");
      }
    }
  });

  it("a row of the menu carries no edit that VS Code would apply by itself", async () => {
    const { edit, command } = await row(prices, "discount(", "Add validation");
    assert.equal(edit, undefined);
    assert.equal(command.command, "dovetail.propose");
    assert.equal(typeof command.arguments[0].documentChanges[0].textDocument.version, "number");
  });

  it("one change of the document, one undo, nothing on disk", async () => {
    const asked = await shown(prices, "discount(", "Add validation");
    assert.equal(prices.getText(), before, "it was applied before anybody said yes");
    assert.deepEqual(await versions([prices], async () => assert.equal(await yes(asked), true)), [1]);
    assert.match(prices.getText(), /raise TypeError/);
    assert.equal(onDisk(prices), before);
    await undo(prices);
    assert.equal(prices.getText(), before);
    assert.equal(prices.isDirty, false);
  });

  it("one that is made for an older text is not even shown", async () => {
    const { command } = await row(prices, "discount(", "Add validation");
    await insert(prices, "# newer\n");
    assert.equal(await vscode.commands.executeCommand(command.command, ...command.arguments), false);
    assert.equal(diff(), undefined);
    assert.equal(prices.getText(), `# newer\n${before}`);
  });

  it("one whose text changes while it is looked at is not applied", async () => {
    const asked = await shown(prices, "discount(", "Add validation");
    await insert(prices, "# meanwhile\n");
    assert.equal(await yes(asked), false);
    assert.equal(prices.getText(), `# meanwhile\n${before}`);
  });

  it("one that renames or deletes a file is refused", async () => {
    const edit = { documentChanges: [{ kind: "delete", uri: prices.uri.toString() }] };
    assert.equal(await vscode.commands.executeCommand("dovetail.propose", edit, "Delete"), false);
    assert.equal(onDisk(prices), before);
  });

  it("one that comes while somebody types takes no key", async () => {
    const { command } = await row(prices, "discount(", "Add validation");
    const orders = await open(file("shop/orders.py"));
    const written = orders.getText();
    await vscode.commands.executeCommand("type", { text: "a" });
    const answer = vscode.commands.executeCommand(command.command, ...command.arguments);
    await until(diff, "the diff is shown");
    await vscode.commands.executeCommand("type", { text: "bc" });
    assert.equal(orders.getText(), `abc${written}`);
    assert.equal(vscode.window.activeTextEditor.document, orders);
    await new Promise((done) => setTimeout(done, 600));
    assert.equal(await yes({ answer: () => answer }), true, "it can be answered when it was seen");
    assert.match(prices.getText(), /raise TypeError/);
    assert.equal(vscode.window.activeTextEditor.document, orders);
  });

  it("closing the diff is a no", async () => {
    const asked = await shown(prices, "discount(", "Add validation");
    await vscode.window.tabGroups.close(diff());
    assert.equal(await asked.answer(), false);
    assert.equal(prices.getText(), before);
  });

  it("a second one takes the place of the first, which is a no", async () => {
    const first = await shown(prices, "discount(", "Add validation");
    const { command } = await row(prices, "discount(", "Add validation");
    const second = vscode.commands.executeCommand(command.command, ...command.arguments);
    assert.equal(await first.answer(), false);
    await until(diff, "the second is shown");
    assert.equal(await yes({ answer: () => second }), true);
    assert.match(prices.getText(), /raise TypeError/);
  });

  it("several files change together, one undo takes all of it back, and nothing is on disk", async () => {
    const stock = await open(file("shop/stock.py"));
    const report = await vscode.workspace.openTextDocument(file("shop/report.py"));
    const texts = [stock.getText(), report.getText()];
    const asked = await shown(stock, "arr =", "Rename arr to shelf");
    assert.deepEqual([stock.getText(), report.getText()], texts);
    assert.deepEqual(await versions([stock, report], async () => assert.equal(await yes(asked), true)), [1, 1]);
    assert.match(stock.getText(), /shelf = make_shelf/);
    assert.match(report.getText(), /import shelf/);
    assert.deepEqual([onDisk(stock), onDisk(report)], texts);
    await undo(stock);
    assert.deepEqual([stock.getText(), report.getText()], texts);
    assert.deepEqual([stock.isDirty, report.isDirty], [false, false]);
  });

  it("several files change not at all where one of them has changed", async () => {
    const stock = await open(file("shop/stock.py"));
    const report = await vscode.workspace.openTextDocument(file("shop/report.py"));
    const text = stock.getText();
    const asked = await shown(stock, "arr =", "Rename arr to shelf");
    await insert(report, "# meanwhile\n");
    assert.equal(await yes(asked), false);
    assert.equal(stock.getText(), text);
    assert(!report.getText().includes("shelf"), "the other file was changed");
  });

  it("a no to several files changes none, and opens none", async () => {
    const stock = await open(file("shop/stock.py"));
    const text = stock.getText();
    await no(await shown(stock, "arr =", "Rename arr to shelf"));
    assert.equal(stock.getText(), text);
    assert.deepEqual(vscode.workspace.textDocuments.filter((one) => one.isDirty).map(String), []);
  });
});
