// Runs Mocha in VS Code's extension host, beside Dovetail as people install it: what can only be asserted from inside.
//
// VS Code calls `run` of its `extensionTestsPath`. One line of JSON a test goes to DOVETAIL_REPORT.

const { appendFileSync, readdirSync } = require("node:fs");
const { join } = require("node:path");
const Mocha = require(process.env.DOVETAIL_MOCHA);
const vscode = require("vscode");

class Report {
  constructor(runner) {
    const tell = (test, error) => appendFileSync(
      process.env.DOVETAIL_REPORT,
      `${JSON.stringify({ name: test.fullTitle(), seconds: (test.duration ?? 0) / 1000, error })}\n`,
    );
    runner.on("pass", (test) => tell(test, null));
    runner.on("fail", (test, problem) => tell(test, problem.stack ?? String(problem)));
  }
}

exports.run = () => new Promise((done, fail) => {
  if (!vscode.workspace.workspaceFolders) return fail(new Error("the workspace is empty"));
  const timeout = 2000 * Number(process.env.PATIENCE ?? 60);
  const mocha = new Mocha({ ui: "bdd", timeout, reporter: Report });
  for (const file of readdirSync(__dirname).sort()) {
    if (file.endsWith(".test.js")) mocha.addFile(join(__dirname, file));
  }
  mocha.run(() => done());
});
