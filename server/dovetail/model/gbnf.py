"""Vets a GBNF grammar, so that none can hang or kill llama.cpp.

llama.cpp aborts the process, recurses without end or takes exponential time on grammars that this
refuses: rules that can begin with themselves, rules that never end, undefined ones, classes that
match nothing, deep nesting, huge repetitions, token literals. What is accepted is a subset of what
llama.cpp accepts, and means the same there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

SIZE = 64 << 10
RULES = 4096
"""Rules after groups and repetitions have become rules of their own."""
ELEMENTS = 1 << 16
"""Characters, classes and references in all rules together, repetitions written out."""
NESTING = 32
REPETITIONS = 1000
_GROUP = 2000
"""llama.cpp's own limit on rules inside a group × its repetitions."""
_BREADTH = 4000
"""Alternatives that may stand open at one point of the text; each costs time at every token."""
_WORK = 2_000_000
"""Steps of llama.cpp's search for left recursion, which visits shared rules again and again."""

_NAME = re.compile(r"[A-Za-z0-9-]+")
_SPACE = re.compile(r"(?:[ \t]|#[^\r\n]*)*")
_SPACE_LINES = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*")
_REPEAT = re.compile(r"\{[ \t]*(\d{1,9})[ \t]*(,)?[ \t]*(\d{1,9})?[ \t]*\}")
_ESCAPES = {"t": "\t", "r": "\r", "n": "\n", "\\": "\\", '"': '"', "[": "[", "]": "]", "-": "-"}
_HEX = {"x": 2, "u": 4, "U": 8}

_Sequence = list[str]
"""Names of rules; a character or a class is the empty name."""
_Rule = list[_Sequence]


class GrammarRefused(Exception):
    """`reason` says in a sentence what is wrong with the grammar."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def vet(grammar: str) -> None:
    """Return if llama.cpp can be given this grammar; otherwise raise `GrammarRefused`."""
    reason = _reason(grammar)
    if reason:
        raise GrammarRefused(reason)


@lru_cache(64)
def _reason(grammar: str) -> str:
    """Why not, or the empty string. Actions ask several times with one grammar: hence the cache."""
    if len(grammar) > SIZE or len(grammar.encode("utf-8", "surrogatepass")) > SIZE:
        return f"The grammar is larger than {SIZE >> 10} KiB."
    try:
        parser = _Parser(grammar)
        rules = parser.rules()
        _all_defined(rules)
        _all_end(rules)
        empty = _closed(rules, terminal=False)
        if any(empty.issuperset(sequence) for sequence in parser.repeated):
            raise GrammarRefused("The grammar repeats something that may be empty.")
        _bounded(rules, empty)
    except GrammarRefused as refused:
        return refused.reason
    return ""


@dataclass(slots=True)
class _Item:
    """What was parsed last in a sequence: `repeat` works on it."""

    start: int
    groups: int = 1
    """Rules made for it, in llama.cpp's count."""


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.made: dict[str, _Rule] = {}
        self.names: set[str] = set()
        """All names so far, defined or not: llama.cpp counts them against a repeated group."""
        self.repeated: list[_Sequence] = []
        """What stands under a repetition of more than one."""
        self.elements = 0

    def rules(self) -> dict[str, _Rule]:
        """All rules, those of groups and repetitions under names that no grammar can write."""
        self._skip(lines=True)
        while self.at < len(self.text):
            name = self._name("the name of a rule")
            self.names.add(name)
            self._skip()
            self._expect("::=")
            self._skip(lines=True)
            if name in self.made:
                raise GrammarRefused(f"The grammar defines its rule {name} twice.")
            self.made[name] = []  # a rule may refer to itself
            self.made[name] = self._alternatives(nesting=0)
            if self.at < len(self.text) and self.text[self.at] not in "\r\n":
                raise self._wrong("the end of the rule")
            self._skip(lines=True)
        return self.made

    def _alternatives(self, nesting: int) -> _Rule:
        rule = [self._sequence(nesting)]
        while self._take("|"):
            self._skip(lines=True)
            rule.append(self._sequence(nesting))
        return rule

    def _sequence(self, nesting: int) -> _Sequence:
        found: _Sequence = []
        last: _Item | None = None
        while self.at < len(self.text):
            char = self.text[self.at]
            start = len(found)
            if char == '"':
                self._literal(found)
                last = _Item(start) if len(found) > start else None
            elif char == "[":
                self._class(found)
                last = _Item(start)
            elif char == ".":
                self.at += 1
                self._add(found, "")
                last = _Item(start)
            elif _NAME.match(char):
                self._add(found, self._name("a name"))
                self.names.add(found[-1])
                last = _Item(start)
            elif char == "(":
                last = self._group(found, nesting)
            elif char in "*+?{":
                least, most = self._times()
                if last is None:
                    raise self._wrong("something to repeat")
                self._repeat(found, last, least, most)
            else:
                break
            self._skip(lines=nesting > 0)
        return found

    def _group(self, found: _Sequence, nesting: int) -> _Item:
        if nesting == NESTING:
            raise GrammarRefused(f"The grammar nests more than {NESTING} groups.")
        self.at += 1
        self._skip(lines=True)
        start, before = len(found), len(self.names)
        rule = self._alternatives(nesting + 1)
        self._add(found, self._new(rule))
        if not self._take(")"):
            raise self._wrong("a closing parenthesis")
        return _Item(start, len(self.names) - before)

    def _repeat(self, found: _Sequence, item: _Item, least: int, most: int | None) -> None:
        """Write the repetition out as llama.cpp does: S{m,n} is S m times, then n - m nested options."""
        if max(least, most or 0) > REPETITIONS:
            raise GrammarRefused(f"The grammar repeats something more than {REPETITIONS} times.")
        if most is not None and most < least:
            raise self._wrong("a repetition from less to more")
        item.groups *= max(1, most or least)
        if item.groups > _GROUP:
            raise GrammarRefused("The grammar repeats a large group too often.")
        once = found[item.start :]
        if most is None or most > 1:
            self.repeated.append(once)
        del found[item.start :]
        for _ in range(least):
            for name in once:
                self._add(found, name)
        if most is None:
            loop = self._new([])
            self.made[loop] = [[*once, loop], []]
            self._count(len(once) + 1)
            self._add(found, loop)
        elif most > least:
            option = ""
            for _ in range(most - least):
                option = self._new([[*once, option] if option else [*once], []])
                self._count(len(once) + 1)
            self._add(found, option)

    def _times(self) -> tuple[int, int | None]:
        char = self.text[self.at]
        if char != "{":
            self.at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
        match = _REPEAT.match(self.text, self.at)
        if match is None:
            raise self._wrong("a repetition like {2}, {2,} or {2,5}")
        self.at = match.end()
        least = int(match[1])
        if match[3] and not match[2]:
            raise self._wrong("a repetition like {2}, {2,} or {2,5}")
        most = int(match[3]) if match[3] else None if match[2] else least
        if most == 0:
            raise self._wrong("a repetition of at least one")
        return least, most

    def _literal(self, found: _Sequence) -> None:
        self.at += 1
        while not self._take('"'):
            self._char()
            self._add(found, "")

    def _class(self, found: _Sequence) -> None:
        self.at += 1
        negated = self._take("^")
        spans: list[tuple[int, int]] = []
        while not self._take("]"):
            first = last = self._char()
            if self.text[self.at : self.at + 1] == "-" and self.text[self.at + 1 : self.at + 2] != "]":
                self.at += 1
                last = self._char()
            if last < first:
                raise self._wrong("a range that goes upwards")
            spans.append((first, last))
            self._count(1)
        if not spans or (negated and not any(_gaps(spans))):
            raise self._wrong("a class that some character is in")
        self._add(found, "")

    def _char(self) -> int:
        char = self.text[self.at : self.at + 1]
        if char != "\\":
            self.at += 1
            code = ord(char) if char else 0
        else:
            letter = self.text[self.at + 1 : self.at + 2]
            self.at += 2
            if letter in _HEX:
                digits = self.text[self.at : self.at + _HEX[letter]]
                self.at += len(digits)
                if not re.fullmatch(f"[0-9a-fA-F]{{{_HEX[letter]}}}", digits):
                    raise self._wrong(f"{_HEX[letter]} hexadecimal digits")
                code = int(digits, 16)
            else:
                code = ord(_ESCAPES.get(letter, "\0"))
        if code == 0 or code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise self._wrong("a character or an escape that llama.cpp knows")
        return code

    def _new(self, rule: _Rule) -> str:
        name = f"#{len(self.made)}"
        self.made[name] = rule
        self.names.add(name)
        if len(self.made) > RULES:
            raise GrammarRefused(f"The grammar has more than {RULES} rules, groups and repetitions.")
        return name

    def _add(self, found: _Sequence, name: str) -> None:
        found.append(name)
        self._count(1)

    def _count(self, more: int) -> None:
        self.elements += more
        if self.elements > ELEMENTS:
            raise GrammarRefused("The grammar is too large with its repetitions written out.")

    def _name(self, what: str) -> str:
        match = _NAME.match(self.text, self.at)
        if match is None:
            raise self._wrong(what)
        self.at = match.end()
        return match[0]

    def _skip(self, *, lines: bool = False) -> None:
        match = (_SPACE_LINES if lines else _SPACE).match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _take(self, mark: str) -> bool:
        if not self.text.startswith(mark, self.at):
            if self.at >= len(self.text) and mark in '"]':
                raise self._wrong(f"a closing {mark}")
            return False
        self.at += len(mark)
        return True

    def _expect(self, mark: str) -> None:
        if not self._take(mark):
            raise self._wrong(mark)

    def _wrong(self, expected: str) -> GrammarRefused:
        line = self.text.count("\n", 0, self.at) + 1
        return GrammarRefused(f"The grammar lacks {expected} in line {line}.")


def _gaps(spans: list[tuple[int, int]]) -> Iterator[int]:
    """Sizes of what the spans leave of all characters, NUL and surrogates apart."""
    free = 1
    for first, last in [*sorted(spans), (0xD800, 0xDFFF), (0x110000, 0x110000)]:
        if first > free:
            yield first - free
        free = max(free, last + 1)


def _all_defined(rules: dict[str, _Rule]) -> None:
    if "root" not in rules:
        raise GrammarRefused("The grammar has no rule root.")
    for rule in rules.values():
        for sequence in rule:
            for name in sequence:
                if name and name not in rules:
                    raise GrammarRefused(f"The grammar uses a rule {name} that it does not define.")


def _closed(rules: dict[str, _Rule], terminal: bool) -> set[str]:
    """Names of the rules with an alternative made of such rules alone (and, if `terminal`, characters)."""
    users: dict[str, list[tuple[str, int]]] = {name: [] for name in rules}
    open_names: list[list[int]] = []
    todo: list[str] = []
    for owner, rule in rules.items():
        for sequence in rule:
            names = [name for name in sequence if name]
            if not terminal and len(names) < len(sequence):
                continue
            open_names.append([len(names)])
            for name in names:
                users[name].append((owner, len(open_names) - 1))
            if not names:
                todo.append(owner)
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        for owner, alternative in users[name]:
            open_names[alternative][0] -= 1
            if open_names[alternative][0] == 0:
                todo.append(owner)
    return found


def _all_end(rules: dict[str, _Rule]) -> None:
    ending = _closed(rules, terminal=True)
    for name in rules:
        if name not in ending:
            raise GrammarRefused(f"The grammar's {_shown(name)} never comes to an end.")


def _bounded(rules: dict[str, _Rule], empty: set[str]) -> None:
    """No rule begins with itself, and the ways to begin any rule are few enough."""
    first: dict[str, list[str]] = {}
    for owner, rule in rules.items():
        starts = first[owner] = []
        for sequence in rule:
            for name in sequence:
                if name:
                    starts.append(name)
                if name not in empty:
                    break
    work: dict[str, int] = {}
    breadth: dict[str, int] = {}
    for name in _leaves_first(first):
        work[name] = 1 + sum(work[start] for start in first[name])
        breadth[name] = len(rules[name]) + sum(breadth[start] for start in first[name])
        if breadth[name] > _BREADTH:
            raise GrammarRefused(f"The grammar's {_shown(name)} can begin in too many ways.")
        if work[name] > _WORK:
            raise GrammarRefused(f"The grammar's {_shown(name)} is too entangled.")
    if sum(work.values()) > _WORK:
        raise GrammarRefused("The grammar is too entangled.")


def _leaves_first(first: dict[str, list[str]]) -> Iterator[str]:
    """Each rule after the rules that it can begin with; raises if one can begin with itself."""
    done: set[str] = set()
    for root in first:
        if root in done:
            continue
        path: dict[str, Iterator[str]] = {root: iter(first[root])}
        while path:
            name, rest = next(reversed(path.items()))
            for start in rest:
                if start in path:
                    raise GrammarRefused(f"The grammar's {_shown(start)} can begin with itself.")
                if start not in done:
                    path[start] = iter(first[start])
                    break
            else:
                del path[name]
                done.add(name)
                yield name


def _shown(name: str) -> str:
    return "group or repetition" if name.startswith("#") else f"rule {name}"
