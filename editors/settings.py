"""Writes what the editors say of the server's settings and languages, from the server's own schema.

.venv/bin/python editors/settings.py            rewrite the files
.venv/bin/python editors/settings.py --check    say which files are out of date, if any; exit status 1 then
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

from dovetail import __version__
from dovetail.settings import DANGEROUS, Settings
from dovetail.syntax import languages

HERE = Path(__file__).resolve().parent
PACKAGE = HERE / "vscode" / "package.json"
HELP = HERE / "nvim" / "doc" / "dovetail.txt"
CONFIG = HERE / "nvim" / "lsp" / "dovetail.lua"
README = HERE / "README.md"


def properties() -> dict[str, dict[str, Any]]:
    """Each setting by its dotted name: its JSON schema, with everything that it refers to inside."""
    schema = Settings.model_json_schema()
    found: dict[str, dict[str, Any]] = {}

    def visit(node: dict[str, Any], path: str) -> None:
        for name, value in node["properties"].items():
            reference = value.get("$ref")
            if reference:
                visit(schema["$defs"][reference.rsplit("/", 1)[-1]], f"{path}{name}.")
            else:
                found[path + name] = value

    visit(schema, "")
    return found


def vscode(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A setting as VS Code's `contributes.configuration` wants it."""
    kinds = schema.get("anyOf", [schema])
    types = [kind["type"] for kind in kinds]
    result: dict[str, Any] = {"type": types if len(types) > 1 else types[0], "default": schema.get("default")}
    for kind in kinds:
        result |= {key: kind[key] for key in ("minimum", "maximum", "items") if key in kind}
    result["markdownDescription"] = schema["description"]
    # only the user's own settings, not a workspace's: LSP does not tell one from the other, VS Code does
    result["scope"] = "machine" if name.rsplit(".", 1)[-1] in DANGEROUS else "window"
    return result


def package(text: str) -> str:
    """package.json with the version, the languages and the settings of this server."""
    content: dict[str, Any] = json.loads(text)
    content["version"] = __version__
    content["activationEvents"] = [f"onLanguage:{name}" for name in language_ids()]
    own, server = content["contributes"]["configuration"]
    server["properties"] = {f"dovetail.{name}": vscode(name, schema) for name, schema in properties().items()}
    restricted = [name for group in (own, server) for name, value in group["properties"].items()
                  if value["scope"] == "machine"]  # fmt: skip
    content["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"] = restricted
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def help_text(text: str) -> str:
    """Vim's help with one entry a setting."""
    entries: list[str] = []
    for name, schema in properties().items():
        where = "user" if name.rsplit(".", 1)[-1] in DANGEROUS else "user or settings"
        tag = f"*dovetail-{name}*"
        head = f"{name}  ({where}, default {json.dumps(schema.get('default'))})"
        gap = " " * max(1, 78 - len(head) - len(tag))
        head = head + gap + tag if len(head) + len(tag) < 78 else f"{tag:>78}\n{head}"
        says = textwrap.fill(schema["description"], 78, initial_indent="    ", subsequent_indent="    ")
        entries.append(f"{head}\n{says}")
    return between(text, "SETTINGS ~", "=" * 78, "\n\n".join(entries))


def table(text: str) -> str:
    """The table of the README."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for name, schema in properties().items():
        own = " *(user only)*" if name.rsplit(".", 1)[-1] in DANGEROUS else ""
        rows.append(f"| `{name}` | `{json.dumps(schema.get('default'))}` | {schema['description']}{own} |")
    return between(text, "<!-- settings -->", "<!-- end of settings -->", "\n".join(rows))


def filetypes(text: str) -> str:
    """The configuration of Neovim with the languages of this server."""
    names = ", ".join(f"'{name}'" for name in language_ids())
    return re.sub(r"filetypes = \{.*\}", f"filetypes = {{ {names} }}", text)


def language_ids() -> list[str]:
    return sorted({name for language in languages() for name in language.language_ids})


def between(text: str, start: str, end: str, inside: str) -> str:
    before, rest = text.split(start, 1)
    _, after = rest.split(end, 1)
    return f"{before}{start}\n\n{inside}\n\n{end}{after}"


def main() -> int:
    stale = False
    for file, written in ((PACKAGE, package), (HELP, help_text), (CONFIG, filetypes), (README, table)):
        text = file.read_text("utf-8")
        new = written(text)
        if new == text:
            continue
        stale = True
        if "--check" in sys.argv:
            sys.stdout.write(f"{file.relative_to(HERE.parent)} is out of date: run editors/settings.py\n")
        else:
            file.write_text(new, "utf-8")
            sys.stdout.write(f"wrote {file.relative_to(HERE.parent)}\n")
    return int(stale and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
