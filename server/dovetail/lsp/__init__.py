"""The editor's language.

Turns requests into snapshots and selections, runs features, turns their results back. Here are UTF-16,
URIs, asyncio and the clock; nothing here knows code.
Invariant: every request gets an answer, an error with a code, or `null` with a counted reason.
"""
