// Runs the tests of the folder "inside" with Mocha in the extension host of a real VS Code, in a workspace of two
// folders that nobody trusts yet.
//
//   node vscode_inside.mjs TOOLS EXTENSION.vsix SERVER PROJECT FOLDER
//
// Prints one line of JSON a test, `{name, seconds, error}`. FOLDER is empty and takes all that is written.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { REPORT, SCALE, STOCK } from "./fixtures.mjs";
import { start } from "./workbench.mjs";

const [tools, extension, server, project, folder] = process.argv.slice(2);
const report = join(folder, "report.jsonl");
process.env.DOVETAIL_MOCHA = join(tools, "mocha/node_modules/mocha");
process.env.DOVETAIL_REPORT = report;

const code = await start({
  tools, extension, project, folder,
  // where several files change, VS Code has no way to ask its own Refactor Preview what it shows
  machine: { "dovetail.server.path": server, "dovetail.preview": "diff" },
  files: {
    "shop/shop/stock.py": STOCK,
    "shop/shop/report.py": REPORT,
    "shop/.vscode/settings.json": '{ "dovetail.model": "/none.gguf" }',
    "tools/scale.py": SCALE,
    "both.code-workspace": '{ "folders": [{ "path": "shop" }, { "path": "tools" }] }',
  },
  opens: "?workspace=" + join(folder, "both.code-workspace"),
  tests: join(dirname(fileURLToPath(import.meta.url)), "inside"),
});
try {
  // the one thing that no extension can do
  const trust = code.page.locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust/ }).first();
  void trust.click({ timeout: 0 }).catch(() => {});
  // now and then VS Code reads the workspace before it can reach what it names, and stays empty
  for (let tries = 0; tries < 3 && !existsSync(report); tries++) {
    const status = await code.test();
    if (!existsSync(report)) process.stderr.write(`Mocha was not run; VS Code's tests ended with ${status}\n`);
  }
  process.stdout.write(existsSync(report) ? readFileSync(report, "utf8") : "");
} finally {
  await code.close();
}
process.exit(0);
