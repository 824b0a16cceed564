"""What is served of the graph, one by one left to another server."""

from typing import Any, get_args

import pytest

from dovetail.lsp import navigation
from dovetail.settings import Intelligence, Settings, narrowed


class Asked:
    """Stands for the server: which requests it would answer."""

    def __init__(self) -> None:
        self.methods: set[str] = set()

    def feature(self, method: str, *_: Any) -> Any:
        self.methods.add(method)
        return lambda handler: handler  # pyright: ignore[reportUnknownLambdaType, reportUnknownVariableType]


def served(*off: Intelligence) -> set[str]:
    asked: Any = Asked()
    navigation.register(asked, off)
    return asked.methods


OFF: dict[Intelligence, set[str]] = {
    "outline": {"textDocument/documentSymbol"},
    "symbols": {"workspace/symbol"},
    "definition": {"textDocument/definition"},
    "references": {"textDocument/references"},
    "highlight": {"textDocument/documentHighlight"},
    "calls": {"textDocument/prepareCallHierarchy", "callHierarchy/incomingCalls", "callHierarchy/outgoingCalls"},
    "types": {"textDocument/prepareTypeHierarchy", "typeHierarchy/supertypes", "typeHierarchy/subtypes"},
    "folding": {"textDocument/foldingRange"},
    "rename": {"textDocument/prepareRename", "textDocument/rename"},
}


@pytest.mark.parametrize("name", get_args(Intelligence))
def test_each_can_be_left_to_another_server(name: Intelligence) -> None:
    assert served() - served(name) == OFF[name]


def test_all_of_it_is_served_and_all_of_it_can_go() -> None:
    assert served() == set[str]().union(*OFF.values())
    assert not served(*get_args(Intelligence))


def test_a_workspace_may_switch_more_of_it_off_and_none_on() -> None:
    mine = Settings(intelligence_off=("rename",))
    settings, complaints = narrowed(mine, {"intelligence_off": ["outline"]})
    assert set(settings.intelligence_off) == {"rename", "outline"}
    assert not complaints
    _, complaints = narrowed(mine, {"intelligence_off": ["everything"]})
    assert complaints
