// What node's test runner tells, a line of JSON for each test.
import { relative } from "node:path";
import { inspect } from "node:util";

const shown = (value) => inspect(value, { depth: 4, breakLength: Infinity, compact: 9 });

function failure(error) {
  const cause = error?.cause ?? error;
  if (cause === undefined || cause === null) return "";
  const operator = cause.operator ?? "";
  const compares = "expected" in Object(cause) && "actual" in Object(cause);
  // `ok(x)` and `throws` say in their message what was meant
  if (compares && /equal$|^===?$/i.test(operator) && !/not/i.test(operator)) {
    return `expected ${shown(cause.expected)}, got ${shown(cause.actual)}`;
  }
  const name = cause.name && cause.name !== "AssertionError" ? `${cause.name}: ` : "";
  return typeof cause === "object" ? `${name}${cause.message ?? ""}` : String(cause);
}

function outcome(data, failed, kind) {
  if (data.skip !== undefined || data.todo !== undefined) return "skipped";
  if (!failed) return "passed";
  return kind === "testTimeoutFailure" ? "timeout" : "failed";
}

export default async function* told(source) {
  const around = new Map();
  const errors = new Map();
  for await (const { type, data } of source) {
    const file = data.file ?? "";
    if (type === "test:stderr") errors.set(file, (errors.get(file) ?? "") + data.message);
    const names = around.get(file) ?? [];
    if (type === "test:start") {
      names.length = data.nesting;
      names.push(data.name);
      around.set(file, names);
    }
    if (type !== "test:pass" && type !== "test:fail") continue;
    const failed = type === "test:fail";
    const kind = data.details?.error?.failureType ?? "";
    const hooked = failed && kind === "hookFailed";
    if (data.details?.type === "suite" && !hooked) continue;
    if (failed && kind === "subtestsFailed" && data.nesting + 1 < names.length) continue;
    const path = relative(process.cwd(), file || data.name);
    const whole = !file || data.name === file || data.name === path || data.name === `./${path}`;
    // why a file could not be loaded is only said aloud
    const loud = whole ? (errors.get(file || data.name) ?? "").match(/^\w*Error\b.*$/m)?.[0] : undefined;
    yield `${JSON.stringify({
      file: path,
      names: [...names.slice(0, data.nesting), data.name],
      whole,
      outcome: outcome(data, failed, kind),
      seconds: (data.details?.duration_ms ?? 0) / 1000,
      message: failed ? (loud ?? failure(data.details?.error)) : "",
    })}\n`;
  }
}
