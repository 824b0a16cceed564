"""A name everywhere that it means the same: the mechanics of a rename, by scopes and graph, without a model.

`names.py` tells what is renamed. The places of a local name are its scope's (`local.py`), those of a name that an
import gives its file's (`imported.py`), those of all else the graph's (`symbol.py`, `quotes.py`); `checks.py` says why
the files would not mean the same afterwards.
"""

from dovetail.features.renaming.checks import astray
from dovetail.features.renaming.found import RULES, Named, Renaming
from dovetail.features.renaming.names import named_at, renaming

__all__ = ["RULES", "Named", "Renaming", "astray", "named_at", "renaming"]
