"""What was learnt in a project: edits that held, what was tried, what was asked, notes of people.

One SQLite file a project, in the user's own data folder, readable by the user alone. Knows texts; does not know
trees, models or editors.
Invariant: only what passed verification is kept as a recipe, and a recipe is verified anew before every use. A store
that is lost, locked or broken costs nothing but time: it is put aside and begun again.
"""

from dovetail.memory.store import Back, Entry, Note, Store, Tried, Undo, digest, open_store, project_of

__all__ = ["Back", "Entry", "Note", "Store", "Tried", "Undo", "digest", "open_store", "project_of"]
