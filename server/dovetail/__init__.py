"""Dovetail: a small local model at work in the editor, every edit verified before it is shown."""

__version__ = "0.1.0"
