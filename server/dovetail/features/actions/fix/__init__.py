"""*Fix*: a finding (`finding.py`) or a failing test (`failing_test.py`).

What is certain first, then what is cheap, then the model; each candidate is verified the same way.
"""

from dovetail.features.actions.fix.finding import ACTION, repairs

__all__ = ["ACTION", "repairs"]
