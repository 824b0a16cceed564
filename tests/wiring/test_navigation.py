"""Hierarchies, highlights and folding, as an editor asks for them over a real pipe."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types as t
from pytest_lsp import LanguageClient

from tests.laid import lay
from tests.session import SHOP, opened, until

_LINES = SHOP.splitlines()
_TOTAL = next(n for n, line in enumerate(_LINES) if "return sum" in line)
_ADD = next(n for n, line in enumerate(_LINES) if "def add" in line)


def _place(line: int, text: str) -> t.Position:
    return t.Position(line, _LINES[line].index(text) + 1)


async def test_a_call_hierarchy_goes_both_ways(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "shop.py")
    ask = t.CallHierarchyPrepareParams(t.TextDocumentIdentifier(uri), _place(_TOTAL, "price_of"))
    items = await client.text_document_prepare_call_hierarchy_async(ask)
    assert items
    assert [item.name for item in items] == ["price_of"]
    incoming = await client.call_hierarchy_incoming_calls_async(t.CallHierarchyIncomingCallsParams(items[0]))
    assert incoming
    assert [call.from_.name for call in incoming] == ["total"]
    assert [span.start.line for span in incoming[0].from_ranges] == [_TOTAL]
    outgoing = await client.call_hierarchy_outgoing_calls_async(t.CallHierarchyOutgoingCallsParams(incoming[0].from_))
    assert outgoing
    assert [call.to.name for call in outgoing] == ["price_of"]


async def test_a_type_hierarchy_goes_both_ways(client: LanguageClient, project: Path) -> None:
    shop = opened(client, project / "shop.py")
    text = "from shop import Basket\n\n\nclass Gift(Basket):\n    pass\n"
    (project / "gift.py").write_text(text, "utf-8")
    uri = opened(client, project / "gift.py")
    ask = t.TypeHierarchyPrepareParams(t.TextDocumentIdentifier(uri), t.Position(3, 8))
    items = await client.text_document_prepare_type_hierarchy_async(ask)
    assert items
    above = await client.type_hierarchy_supertypes_async(t.TypeHierarchySupertypesParams(items[0]))
    assert above
    assert (above[0].name, above[0].uri) == ("Basket", shop)
    below = await client.type_hierarchy_subtypes_async(t.TypeHierarchySubtypesParams(above[0]))
    assert below
    assert [item.name for item in below] == ["Gift"]


async def test_a_parameter_is_found_and_highlighted(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "shop.py")
    use = next(n for n, line in enumerate(_LINES) if "extend" in line)
    place = t.Position(use, _LINES[use].index("* count") + 2)
    found = await client.text_document_definition_async(t.DefinitionParams(t.TextDocumentIdentifier(uri), place))
    assert isinstance(found, list)
    assert [one.range.start.line for one in found if isinstance(one, t.Location)] == [_ADD]
    marks = await client.text_document_document_highlight_async(
        t.DocumentHighlightParams(t.TextDocumentIdentifier(uri), place)
    )
    assert marks
    assert [mark.range.start.line for mark in marks] == [_ADD, use]


async def test_classes_and_functions_fold(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "shop.py")
    folds = await client.text_document_folding_range_async(t.FoldingRangeParams(t.TextDocumentIdentifier(uri)))
    assert folds
    starts = [fold.start_line for fold in folds]
    assert starts == sorted(starts)
    assert {_LINES[line].split()[1].split("(")[0].rstrip(":") for line in starts} >= {
        "Basket", "__init__", "add", "total",
    }  # fmt: skip


async def test_a_symbol_is_found_by_its_letters(client: LanguageClient) -> None:
    found = await client.workspace_symbol_async(t.WorkspaceSymbolParams("prof"))
    assert found
    assert found[0].name == "price_of"


async def test_a_configuration_of_module_names_counts_as_soon_as_it_changes(
    client: LanguageClient, project: Path
) -> None:
    texts = {
        "one/a.ts": "export const a = 1;\n",
        "two/a.ts": "\nexport const a = 2;\n",
        "app.ts": 'import { a } from "@/a";\nconsole.log(a);\n',
    }
    lay(project, texts)
    item = t.TextDocumentItem((project / "app.ts").as_uri(), "typescript", 1, texts["app.ts"])
    client.text_document_did_open(t.DidOpenTextDocumentParams(item))
    ask = t.DefinitionParams(t.TextDocumentIdentifier(item.uri), t.Position(1, 12))
    for folder in ("one", "two"):
        told = f'{{"compilerOptions": {{"paths": {{"@/*": ["./{folder}/*"]}}}}}}'
        (project / "tsconfig.json").write_text(told, "utf-8")
        changed = [project / name for name in ("one/a.ts", "two/a.ts", "tsconfig.json")]
        events = [t.FileEvent(path.as_uri(), t.FileChangeType.Changed) for path in changed]
        client.workspace_did_change_watched_files(t.DidChangeWatchedFilesParams(events))

        async def leads(folder: str = folder) -> bool:
            found = await client.text_document_definition_async(ask)
            assert isinstance(found, list)
            return any(isinstance(one, t.Location) and one.uri.endswith(f"/{folder}/a.ts") for one in found)

        await until(leads)
