"""The project's own tests as a judge: on a copy, in a sandbox, many candidates a second.

`copied` makes the copy, `Tests` is the `Tester` that runs them there, `tester_of` is both; `child.py` is what runs
inside. Nothing here is reached but by who holds the user's leave to run the project's code.
"""

from dovetail.verify.tests.copy import copied
from dovetail.verify.tests.leave import tester_of
from dovetail.verify.tests.runner import Tests, command

__all__ = ["Tests", "command", "copied", "tester_of"]
