"""Text that does not parse is counted, whatever its shape."""

import pytest

from dovetail.syntax import Tree, language_for
from dovetail.text import Document


@pytest.mark.parametrize(("path", "text"), [("a.go", "<a>" * 1000), ("a.py", "if (a) {} " + "else if (a) {} " * 2000)])
def test_errors_nested_deeper_than_python_calls(path: str, text: str) -> None:
    language = language_for(path)
    assert language is not None
    found = Tree.parse(language, Document.of(text)).errors()
    assert found
    assert [span.start for span in found] == sorted(span.start for span in found)
