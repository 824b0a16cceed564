// Where the server is. What lies in an opened folder is not run by itself.

import { accessSync, constants, existsSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join, sep } from "node:path";

export type Found = { readonly command: string } | { readonly refusal: string };

/**
 * `setting` is the user's own; it may lie in a folder that the user trusts. So may `clone`, where this package was
 * made, which comes after the PATH.
 */
export function find(setting: string, folders: readonly string[], trusted: boolean, clone = ""): Found {
  const within = (file: string) => folders.find((folder) => inside(file, folder));
  if (setting) {
    const command = setting.replace(/^~(?=$|[\\/])/, homedir());
    if (!isAbsolute(command)) {
      return { refusal: `dovetail.server.path must be an absolute path, and is "${setting}".` };
    }
    if (!runs(command)) {
      return { refusal: `dovetail.server.path names ${command}, and that is no program.` };
    }
    const folder = within(command);
    if (folder && !trusted) {
      return { refusal: `its server lies inside ${folder}, which you do not trust.` };
    }
    return { command };
  }
  let passed: string | undefined;
  const names = process.platform === "win32" ? ["dovetail.exe"] : ["dovetail"];
  for (const entry of (process.env["PATH"] ?? "").split(delimiter)) {
    for (const name of names) {
      const command = join(entry, name);
      if (!isAbsolute(entry) || !runs(command)) {
        continue;
      } else if (!within(command)) {
        return { command };
      }
      passed ??= command;
    }
  }
  const built = clone && own(clone);
  if (built && runs(built) && (trusted || !within(built))) {
    return { command: built };
  }
  if (passed) {
    return {
      refusal: `${passed} lies inside the opened folder. Name it in dovetail.server.path and trust the folder, or install it elsewhere.`,
    };
  }
  return { refusal: "there is no `dovetail` on the PATH." };
}

/** The server that `install.py` makes in a clone. */
export function own(clone: string): string {
  return process.platform === "win32" ? join(clone, ".venv", "Scripts", "dovetail.exe") : join(clone, ".venv", "bin", "dovetail");
}

/** Why a server is not made in this folder; undefined where it can be. */
export function refusal(clone: string, folders: readonly string[], trusted: boolean): string | undefined {
  if (!existsSync(join(clone, "install.py"))) {
    return `${clone} is no clone of Dovetail: there is no install.py.`;
  }
  const folder = folders.find((one) => inside(clone, one) || one === clone);
  return folder && !trusted ? `${clone} lies inside ${folder}, which you do not trust.` : undefined;
}

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function inside(file: string, folder: string): boolean {
  const real = (path: string) => {
    try {
      return realpathSync(path);
    } catch {
      return path;
    }
  };
  // both the link and what it leads to
  return [file, real(file)].some((path) => path.startsWith(real(folder) + sep) || path.startsWith(folder + sep));
}
