from collections.abc import Iterator

import pytest

from dovetail.features.actions.fix import syntax


@pytest.fixture(scope="module")
def few_tries() -> Iterator[None]:
    """The same places are mended a thousand times: a few of the small edits will do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(syntax, "_TRIES", 40)
        yield
