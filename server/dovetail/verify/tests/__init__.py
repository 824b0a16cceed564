"""The project's own tests as a judge: on a copy, in a sandbox.

`copied` makes the copy; `tester_of` is the `Tester` that runs tests there, each by the runner of its language, and
`line` what a person is told that it runs. `runners/` has one file a runner; `isolation.py` is the sandbox, and
`child.py` and `boxed.py` are what runs inside. Nothing here is reached but by who holds the user's leave to run the
project's code.
"""

from dovetail.verify.tests.copy import copied
from dovetail.verify.tests.leave import line, tester_of
from dovetail.verify.tests.runners.pytest import Tests, command

__all__ = ["Tests", "command", "copied", "line", "tester_of"]
