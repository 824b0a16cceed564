// A workspace is not trusted until somebody says so; then the running server hears of it.

const { assert, served, status, until, vscode } = require("./person.js");

describe("trust:", () => {
  it("the server is told that nobody trusts the workspace, and later that somebody does", async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    assert.equal((await served()).trusted, false);
    const granted = new Promise((done) => vscode.workspace.onDidGrantWorkspaceTrust(done));
    await vscode.commands.executeCommand("workbench.trust.manage"); // who runs these tests presses the button there
    await granted;
    assert.equal(vscode.workspace.isTrusted, true);
    await until(async () => (await status())?.trusted, "the server knows");
  });
});
