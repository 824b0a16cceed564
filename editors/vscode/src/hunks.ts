// An edit in pieces that are kept or dropped one by one, and the text that comes of it.

import * as vscode from "vscode";

/** What is kept or dropped as one: the server's edits of neighbouring characters. */
export interface Hunk {
  readonly edits: readonly vscode.TextEdit[];
  state: "open" | "kept" | "dropped";
}

/** One file of an edit. */
export interface Changed {
  readonly target: vscode.Uri;
  /** undefined for a file that is to be created. */
  readonly document: vscode.TextDocument | undefined;
  readonly version: number | undefined;
  /** The document on the right, with the text as it would be. */
  readonly uri: vscode.Uri;
  readonly hunks: readonly Hunk[];
}

/** Edits that touch the same line are kept or dropped together. */
export function together(edits: readonly vscode.TextEdit[]): Hunk[] {
  const hunks: vscode.TextEdit[][] = [];
  for (const edit of [...edits].sort((one, two) => one.range.start.compareTo(two.range.start))) {
    const last = hunks[hunks.length - 1];
    if (last && edit.range.start.line <= last[last.length - 1]!.range.end.line) {
      last.push(edit);
    } else {
      hunks.push([edit]);
    }
  }
  return hunks.map((edits) => ({ edits, state: "open" }));
}

export function stays(hunk: Hunk): boolean {
  return hunk.state !== "dropped";
}

/** The text with what is not dropped. */
export function text({ document, hunks }: Changed): string {
  if (!document) {
    return hunks.filter(stays).flatMap((hunk) => hunk.edits.map((edit) => edit.newText)).join("");
  }
  let result = document.getText();
  for (const edit of hunks.filter(stays).flatMap((hunk) => hunk.edits).reverse()) {
    const newText = edit.newText.replace(/\r?\n/g, document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n");
    result = result.slice(0, document.offsetAt(edit.range.start)) + newText + result.slice(document.offsetAt(edit.range.end));
  }
  return result;
}

/** The lines of the changes in the document on the right. */
export function lines({ hunks }: Changed): { hunk: Hunk; first: number; last: number }[] {
  let moved = 0;
  return hunks.filter(stays).map((hunk) => {
    const first = hunk.edits[0]!.range.start.line + moved;
    for (const { range, newText } of hunk.edits) {
      moved += newText.split("\n").length - 1 - (range.end.line - range.start.line);
    }
    return { hunk, first, last: Math.max(first, hunk.edits[hunk.edits.length - 1]!.range.end.line + moved) };
  });
}
