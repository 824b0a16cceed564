"""A small shop, for the tests of the editors."""
