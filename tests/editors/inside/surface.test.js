// What the package says of itself is so: its commands, its settings, its limits.

const { assert, extension, file, hover, open, served, status, until, vscode } = require("./person.js");

describe("surface:", () => {
  before(served);

  it("every command that it names can be run, and those of the server too", async () => {
    const there = new Set(await vscode.commands.getCommands(true));
    const named = extension().packageJSON.contributes.commands.map(({ command }) => command);
    const own = ["dovetail.status", "dovetail.explain", "dovetail.showEvidence", "dovetail.undoLast", "dovetail.ask"];
    assert.deepEqual([...named, ...own].filter((name) => !there.has(name)), []);
  });

  it("what could run, load or reach something is set by the user alone", async () => {
    const { contributes, capabilities } = extension().packageJSON;
    const all = Object.entries(Object.assign({}, ...contributes.configuration.map(({ properties }) => properties)));
    const own = all.filter(([, { scope }]) => scope === "machine").map(([name]) => name);
    for (const name of ["server.path", "model", "endpoint", "endpoint_key", "python"]) {
      assert(own.includes(`dovetail.${name}`), name);
    }
    assert.deepEqual(own, capabilities.untrustedWorkspaces.restrictedConfigurations);
    const configuration = vscode.workspace.getConfiguration();
    for (const name of own) {
      await assert.rejects(async () => configuration.update(name, "/none", vscode.ConfigurationTarget.Workspace), undefined, name);
    }
    assert.deepEqual(all.filter(([, { scope }]) => !["machine", "window"].includes(scope)), []);
  });

  it("a model that a folder names is not taken", async () => {
    assert.match(onDiskSettings(), /none\.gguf/);
    const found = vscode.workspace.getConfiguration(undefined, file("shop/prices.py")).inspect("dovetail.model");
    assert.equal(found.workspaceFolderValue, undefined);
    assert.equal(found.workspaceValue, undefined);
    assert.doesNotMatch((await status()).model, /none/);
  });

  it("what a workspace narrows holds at once, without a new server", async () => {
    const prices = await open(file("shop/prices.py"));
    const configuration = vscode.workspace.getConfiguration("dovetail");
    const narrow = (value) => configuration.update("hover.enabled", value, vscode.ConfigurationTarget.Workspace);
    await until(async () => (await hover(prices, "discount(")).includes("Called by"), "there is a hover");
    await narrow(false);
    await until(async () => !(await hover(prices, "discount(")), "there is none");
    await narrow(undefined);
    await until(async () => (await hover(prices, "discount(")).includes("Called by"), "there is one again");
  });

  it("a server that is started anew knows what is open", async () => {
    const prices = await open(file("shop/prices.py"));
    await vscode.commands.executeCommand("dovetail.restart");
    await served();
    await until(async () => (await hover(prices, "discount(")).includes("Called by"), "it answers");
  });

  it("it says that it has no use for folders without files", () => {
    assert.equal(extension().packageJSON.capabilities.virtualWorkspaces.supported, false);
    assert.equal(extension().packageJSON.capabilities.untrustedWorkspaces.supported, "limited");
  });
});

function onDiskSettings() {
  return require("node:fs").readFileSync(file(".vscode/settings.json").fsPath, "utf8");
}
