"""What a person can do.

Each feature is a generator over a snapshot: it yields effects (`Ask`, `Count`, `Run`, `Stage`), is
sent their results, and returns plain data. Knows no editor, no clock, no process.
Invariant: the same snapshot and the same answers give the same result.
"""
