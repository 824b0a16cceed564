"""Small classes with one mistake each, and their tests: what is seen is a little, as it is in a young project.

What a method does shows in its object and in later calls; a fix that is shown is scored on tests of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True)
class Faulty:
    """One class: as it should be, the line that is wrong, and the tests."""

    name: str
    right: str
    line: tuple[str, str]
    """(what stands there, what should)."""
    seen: str
    held_out: str


def _faulty(name: str, right: str, was: str, should: str, seen: str, held_out: str) -> Faulty:
    text = dedent(right).lstrip("\n")
    assert text.count(should) == 1, name
    return Faulty(name, text, (was, should), _tests(name, seen), _tests(name, held_out))


def _tests(name: str, written: str) -> str:
    """`title: statement; statement` a line → one test function each."""
    parts = [line.partition(": ") for line in dedent(written).strip().splitlines()]
    body = "".join(
        f"\n\ndef test_{title}():\n" + "".join(f"    {each.strip()}\n" for each in said.split("; "))
        for title, _, said in parts
    )
    return f"import pytest\nfrom {name} import *\n{body}"


def classes() -> Iterator[Faulty]:
    yield _faulty(
        "stack",
        """
        class Stack:
            def __init__(self):
                self.items = []

            def push(self, item):
                self.items.append(item)

            def pop(self):
                if not self.items:
                    raise IndexError("empty")
                return self.items.pop()

            def peek(self):
                return self.items[-1]

            def size(self):
                return len(self.items)
        """,
        "return self.items.pop(0)", "return self.items.pop()",
        """
        pop: s = Stack(); s.push(1); s.push(2); assert s.pop() == 2; assert s.size() == 1
        peek: s = Stack(); s.push(1); assert s.peek() == 1
        """,
        """
        order: s = Stack(); [s.push(n) for n in (5, 7, 9)]; assert [s.pop(), s.pop(), s.pop()] == [9, 7, 5]
        empty: s = Stack(); pytest.raises(IndexError, s.pop)
        """,
    )  # fmt: skip
    yield _faulty(
        "shelf",
        """
        class Shelf:
            def __init__(self):
                self.books = []

            def put(self, title):
                self.books.append(title)

            def last(self):
                return self.books[-1]

            def first(self):
                return self.books[0]
        """,
        "return self.books[1]", "return self.books[-1]",
        """
        last: s = Shelf(); s.put("a"); s.put("b"); s.put("c"); assert s.last() == "c"
        first: s = Shelf(); s.put("a"); s.put("b"); assert s.first() == "a"
        """,
        """
        one: s = Shelf(); s.put("x"); assert s.last() == "x"
        five: s = Shelf(); [s.put(t) for t in "abcde"]; assert s.last() == "e"
        """,
    )  # fmt: skip
    yield _faulty(
        "queue_of",
        """
        class Queue:
            def __init__(self, most=3):
                self.most = most
                self.items = []

            def add(self, item):
                if len(self.items) >= self.most:
                    raise OverflowError("full")
                self.items.append(item)

            def take(self):
                return self.items.pop(0)

            def __len__(self):
                return len(self.items)
        """,
        "if len(self.items) > self.most:", "if len(self.items) >= self.most:",
        """
        full: q = Queue(2); q.add(1); q.add(2); pytest.raises(OverflowError, q.add, 3)
        take: q = Queue(); q.add(1); q.add(2); assert q.take() == 1
        """,
        """
        most: q = Queue(1); q.add(1); pytest.raises(OverflowError, q.add, 2); assert len(q) == 1
        fits: q = Queue(3); [q.add(n) for n in range(3)]; assert len(q) == 3
        again: q = Queue(1); q.add(1); q.take(); q.add(2); assert len(q) == 1
        """,
    )  # fmt: skip
    yield _faulty(
        "line_up",
        """
        class LineUp:
            def __init__(self):
                self.waiting = []

            def join(self, name):
                self.waiting.append(name)

            def serve(self):
                return self.waiting.pop(0)

            def behind(self, name):
                return len(self.waiting) - self.waiting.index(name) - 1
        """,
        "return self.waiting.pop()", "return self.waiting.pop(0)",
        """
        serve: q = LineUp(); q.join("a"); q.join("b"); assert q.serve() == "a"
        behind: q = LineUp(); q.join("a"); q.join("b"); assert q.behind("a") == 1
        """,
        """
        three: q = LineUp(); [q.join(n) for n in "abc"]; assert q.serve() == "a"; assert q.serve() == "b"
        left: q = LineUp(); [q.join(n) for n in "abc"]; q.serve(); assert q.waiting == ["b", "c"]
        """,
    )  # fmt: skip
    yield _faulty(
        "word_count",
        """
        class Words:
            def __init__(self):
                self.counts = {}

            def add(self, word):
                self.counts[word] = self.counts.get(word, 0) + 1

            def most(self):
                return max(self.counts, key=self.counts.get)
        """,
        "self.counts.get(word, 1) + 1", "self.counts.get(word, 0) + 1",
        """
        count: c = Words(); c.add("a"); assert c.counts == {"a": 1}
        most: c = Words(); c.add("a"); c.add("b"); c.add("b"); assert c.most() == "b"
        """,
        """
        twice: c = Words(); c.add("a"); c.add("a"); assert c.counts == {"a": 2}
        two: c = Words(); c.add("a"); c.add("b"); c.add("a"); assert c.counts == {"a": 2, "b": 1}
        """,
    )  # fmt: skip
    yield _faulty(
        "poll",
        """
        class Poll:
            def __init__(self):
                self.votes = {}

            def vote(self, name):
                self.votes[name] = self.votes.get(name, 0) + 1

            def winner(self):
                return max(self.votes, key=self.votes.get)

            def total(self):
                return sum(self.votes.values())
        """,
        "return min(self.votes, key=self.votes.get)", "return max(self.votes, key=self.votes.get)",
        """
        winner: p = Poll(); p.vote("a"); p.vote("b"); p.vote("b"); assert p.winner() == "b"
        total: p = Poll(); p.vote("a"); p.vote("b"); assert p.total() == 2
        """,
        """
        first: p = Poll(); p.vote("z"); p.vote("z"); p.vote("b"); assert p.winner() == "z"
        three: p = Poll(); [p.vote(n) for n in "abcbcbb"]; assert p.winner() == "b"
        """,
    )  # fmt: skip
    yield _faulty(
        "vector",
        """
        class Vector:
            def __init__(self, x, y):
                self.x = x
                self.y = y

            def dot(self, other):
                return self.x * other.x + self.y * other.y

            def add(self, other):
                return Vector(self.x + other.x, self.y + other.y)
        """,
        "self.y + other.x)", "self.y + other.y)",
        """
        sum: v = Vector(1, 2).add(Vector(3, 4)); assert (v.x, v.y) == (4, 6)
        dot: assert Vector(1, 2).dot(Vector(3, 4)) == 11
        """,
        """
        more: v = Vector(5, 1).add(Vector(2, 9)); assert (v.x, v.y) == (7, 10)
        none: v = Vector(0, 0).add(Vector(-1, 3)); assert (v.x, v.y) == (-1, 3)
        """,
    )  # fmt: skip
    yield _faulty(
        "dots",
        """
        class Pair:
            def __init__(self, a, b):
                self.a = a
                self.b = b

            def dot(self, other):
                return self.a * other.a + self.b * other.b
        """,
        "self.a * other.a - self.b * other.b", "self.a * other.a + self.b * other.b",
        """
        dot: assert Pair(1, 2).dot(Pair(3, 4)) == 11
        nought: assert Pair(1, 0).dot(Pair(5, 7)) == 5
        """,
        """
        more: assert Pair(2, 3).dot(Pair(4, 5)) == 23
        minus: assert Pair(-1, 3).dot(Pair(2, 2)) == 4
        """,
    )  # fmt: skip
    yield _faulty(
        "account",
        """
        class Account:
            def __init__(self, owner, limit=0):
                self.owner = owner
                self.limit = limit
                self.balance = 0

            def pay_in(self, amount):
                self.balance += amount

            def pay_out(self, amount):
                if self.balance - amount < -self.limit:
                    return False
                self.balance -= amount
                return True
        """,
        "if self.balance - amount <= -self.limit:", "if self.balance - amount < -self.limit:",
        """
        all: a = Account("x"); a.pay_in(10); assert a.pay_out(10); assert a.balance == 0
        too_much: a = Account("x"); a.pay_in(10); assert not a.pay_out(11)
        """,
        """
        limit: a = Account("x", 5); assert a.pay_out(5); assert a.balance == -5; assert not a.pay_out(1)
        part: a = Account("x"); a.pay_in(3); assert a.pay_out(2); assert a.balance == 1; assert not a.pay_out(2)
        """,
    )  # fmt: skip
    yield _faulty(
        "thermo",
        """
        class Thermometer:
            def __init__(self, celsius):
                self.celsius = celsius

            def fahrenheit(self):
                return self.celsius * 9 / 5 + 32

            def warmer(self, degrees):
                self.celsius += degrees
                return self
        """,
        "return self.celsius * 9 / 5 - 32", "return self.celsius * 9 / 5 + 32",
        """
        hot: assert Thermometer(100).fahrenheit() == 212
        cold: assert Thermometer(0).fahrenheit() == 32
        """,
        """
        body: assert Thermometer(35).fahrenheit() == 95
        minus: assert Thermometer(-40).fahrenheit() == -40
        """,
    )  # fmt: skip
    yield _faulty(
        "window_of",
        """
        class Window:
            def __init__(self, size):
                self.size = size
                self.kept = []

            def see(self, value):
                self.kept.append(value)
                if len(self.kept) > self.size:
                    self.kept.pop(0)

            def mean(self):
                return sum(self.kept) / len(self.kept)
        """,
        "return sum(self.kept) / self.size", "return sum(self.kept) / len(self.kept)",
        """
        mean: w = Window(3); w.see(2); w.see(4); assert w.mean() == 3
        full: w = Window(2); w.see(1); w.see(3); w.see(5); assert w.mean() == 4
        """,
        """
        one: w = Window(4); w.see(8); assert w.mean() == 8
        three: w = Window(5); [w.see(n) for n in (1, 2, 6)]; assert w.mean() == 3
        """,
    )  # fmt: skip
    yield _faulty(
        "cart",
        """
        class Cart:
            def __init__(self):
                self.lines = []

            def add(self, name, price, count=1):
                self.lines.append((name, price, count))

            def total(self):
                return sum(price * count for _, price, count in self.lines)

            def remove(self, name):
                self.lines = [line for line in self.lines if line[0] != name]
        """,
        "if line[0] == name]", "if line[0] != name]",
        """
        remove: c = Cart(); c.add("a", 2); c.add("b", 3); c.remove("a"); assert c.total() == 3
        total: c = Cart(); c.add("a", 2, 2); assert c.total() == 4
        """,
        """
        left: c = Cart(); [c.add(n, 1) for n in "abc"]; c.remove("b"); assert [x[0] for x in c.lines] == ["a", "c"]
        gone: c = Cart(); c.add("a", 1); c.remove("a"); assert c.lines == []
        other: c = Cart(); c.add("a", 7); c.remove("z"); assert c.total() == 7
        """,
    )  # fmt: skip
    yield _faulty(
        "cursor",
        """
        class Cursor:
            def __init__(self, text):
                self.text = text
                self.at = 0

            def peek(self):
                return self.text[self.at] if self.at < len(self.text) else ""

            def next(self):
                char = self.peek()
                self.at += 1
                return char

            def rest(self):
                return self.text[self.at :]
        """,
        "self.at += 2", "self.at += 1",
        """
        next: c = Cursor("abc"); assert c.next() == "a"; assert c.next() == "b"
        rest: c = Cursor("abc"); assert c.rest() == "abc"
        """,
        """
        rest: c = Cursor("abcd"); c.next(); assert c.rest() == "bcd"
        all: c = Cursor("xyz"); assert [c.next(), c.next(), c.next(), c.next()] == ["x", "y", "z", ""]
        """,
    )  # fmt: skip
    yield _faulty(
        "clock",
        """
        class Clock:
            def __init__(self, hour, minute):
                self.hour = hour
                self.minute = minute

            def later(self, minutes):
                total = self.hour * 60 + self.minute + minutes
                return Clock(total // 60 % 24, total % 60)

            def shown(self):
                return f"{self.hour:02}:{self.minute:02}"
        """,
        "return Clock(total // 60 % 12, total % 60)", "return Clock(total // 60 % 24, total % 60)",
        """
        later: assert Clock(20, 50).later(20).shown() == "21:10"
        morning: assert Clock(9, 0).later(30).shown() == "09:30"
        """,
        """
        midnight: assert Clock(23, 59).later(1).shown() == "00:00"
        noon: assert Clock(11, 30).later(45).shown() == "12:15"
        days: assert Clock(1, 0).later(3000).shown() == "03:00"
        """,
    )  # fmt: skip
    yield _faulty(
        "grid",
        """
        class Grid:
            def __init__(self, width, height):
                self.width = width
                self.height = height
                self.marks = set()

            def inside(self, x, y):
                return 0 <= x < self.width and 0 <= y < self.height

            def mark(self, x, y):
                if not self.inside(x, y):
                    raise ValueError("outside")
                self.marks.add((x, y))
        """,
        "0 <= y < self.width", "0 <= y < self.height",
        """
        inside: g = Grid(2, 5); assert g.inside(1, 4); assert not g.inside(2, 1)
        outside: g = Grid(4, 4); pytest.raises(ValueError, g.mark, 4, 0)
        """,
        """
        wide: g = Grid(5, 2); assert g.inside(4, 1); assert not g.inside(4, 2)
        corner: g = Grid(3, 3); assert g.inside(2, 2); assert not g.inside(-1, 0); assert not g.inside(0, 3)
        """,
    )  # fmt: skip
    yield _faulty(
        "ledger",
        """
        class Ledger:
            def __init__(self):
                self.entries = []

            def enter(self, day, amount):
                self.entries.append((day, amount))

            def between(self, first, last):
                return [amount for day, amount in self.entries if first <= day <= last]

            def balance(self, day):
                return sum(self.between(0, day))
        """,
        "if first <= day < last]", "if first <= day <= last]",
        """
        balance: b = Ledger(); b.enter(1, 10); b.enter(2, 5); assert b.balance(2) == 15
        before: b = Ledger(); b.enter(1, 10); b.enter(5, 5); assert b.balance(3) == 10
        between: b = Ledger(); [b.enter(n, n) for n in range(6)]; assert b.between(2, 4) == [2, 3, 4]
        """,
        """
        ends: b = Ledger(); [b.enter(n, n) for n in range(10)]; assert b.between(3, 7) == [3, 4, 5, 6, 7]
        none: b = Ledger(); b.enter(4, 1); assert b.between(5, 9) == []; assert b.balance(4) == 1
        """,
    )  # fmt: skip
    yield _faulty(
        "retry",
        """
        class Retry:
            def __init__(self, most):
                self.most = most
                self.tried = 0

            def again(self):
                if self.tried >= self.most:
                    return False
                self.tried += 1
                return True

            def left(self):
                return self.most - self.tried
        """,
        "return self.most + self.tried", "return self.most - self.tried",
        """
        left: r = Retry(3); r.again(); assert r.left() == 2
        all: r = Retry(1); assert r.again(); assert not r.again()
        """,
        """
        none: r = Retry(2); r.again(); r.again(); assert r.left() == 0
        fresh: assert Retry(5).left() == 5
        """,
    )  # fmt: skip
    yield _faulty(
        "best_of",
        """
        class Scores:
            def __init__(self):
                self.of = {}

            def score(self, name, points):
                if name not in self.of or points > self.of[name]:
                    self.of[name] = points

            def ranking(self):
                return sorted(self.of, key=lambda name: -self.of[name])
        """,
        "key=lambda name: self.of[name])", "key=lambda name: -self.of[name])",
        """
        ranking: s = Scores(); s.score("a", 1); s.score("b", 5); s.score("c", 3); assert s.ranking() == ["b", "c", "a"]
        best: s = Scores(); s.score("a", 3); s.score("a", 1); assert s.of == {"a": 3}
        """,
        """
        four: s = Scores(); [s.score(n, p) for n, p in zip("wxyz", (4, 9, 2, 7))]; assert s.ranking() == list("xzwy")
        same: s = Scores(); s.score("b", 1); s.score("a", 1); assert s.ranking() == ["b", "a"]
        """,
    )  # fmt: skip
    yield _faulty(
        "switch",
        """
        class Switch:
            def __init__(self, on=False):
                self.on = on
                self.times = 0

            def toggle(self):
                self.on = not self.on
                self.times += 1
                return self.on
        """,
        "self.on = self.on\n", "self.on = not self.on\n",
        """
        toggle: s = Switch(); assert s.toggle(); assert s.on
        times: s = Switch(); s.toggle(); s.toggle(); assert s.times == 2
        """,
        """
        back: s = Switch(True); assert not s.toggle(); assert s.toggle()
        many: s = Switch(); assert [s.toggle() for n in range(4)] == [True, False, True, False]
        """,
    )  # fmt: skip
    yield _faulty(
        "spans",
        """
        class Span:
            def __init__(self, start, end):
                self.start = start
                self.end = end

            def length(self):
                return self.end - self.start

            def meets(self, other):
                return self.start < other.end and other.start < self.end
        """,
        "return self.start < other.end and other.start > self.end",
        "return self.start < other.end and other.start < self.end",
        """
        meets: assert Span(1, 4).meets(Span(3, 6))
        apart: assert not Span(1, 2).meets(Span(3, 6)); assert not Span(3, 6).meets(Span(1, 2))
        """,
        """
        touch: assert not Span(1, 3).meets(Span(3, 6)); assert not Span(3, 6).meets(Span(1, 3))
        holds: assert Span(0, 9).meets(Span(2, 3)); assert Span(2, 3).meets(Span(0, 9))
        """,
    )  # fmt: skip
