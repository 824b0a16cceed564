"""What a program does when the calls of its tests are made again, a little otherwise: how two texts are told apart
where the tests call methods, and what counts is what becomes of an object.

Runs in the project's interpreter, beside `child.py`. A test's calls into one file are kept in their order, with what
was made and what was given back told as such; then arguments are varied, calls are made twice, left out, exchanged,
and those of other tests are made as well. Only states that calls can bring about are looked at.
"""

from __future__ import annotations

import copy
import sys
import types
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

STEPS = 24
"""Calls of one test that are kept."""
REPLAYS = 160
"""Ways in which calls are made again, of all tests together."""
VARARGS, VARKEYWORDS, GENERATOR = 4, 8, 32


class Ref:
    """An object that another call of the same test made or gave back."""

    def __init__(self, step: int, made: bool) -> None:
        self.step, self.made = step, made


class Step:
    """One call: a function, and what it was given."""

    def __init__(self, function: Any, arguments: list[Any], named: dict[str, Any], of: type[Any] | None) -> None:
        self.function, self.arguments, self.named = function, arguments, named
        self.of = of
        """The class that an object is made of, where it is the call of a maker."""

    @property
    def method(self) -> bool:
        return "." in self.function.__qualname__.rpartition("<locals>.")[2]

    def with_argument(self, at: int, value: Any) -> Step:
        return Step(self.function, [*self.arguments[:at], value, *self.arguments[at + 1 :]], self.named, self.of)


class Recorder:
    """The calls of one test that come into a file from outside it. Give `heard` to `sys.setprofile`."""

    def __init__(self, path: str, functions: dict[types.CodeType, Any]) -> None:
        self.path, self.functions = path, functions
        self.steps: list[Step] = []
        self.known: dict[int, Ref] = {}
        self.alive: list[Any] = []
        self.open: dict[int, int] = {}

    def heard(self, frame: Any, event: str, argument: Any) -> None:
        code = frame.f_code
        if code.co_filename != self.path:
            return
        if event == "call" and id(frame) not in self.open and len(self.steps) < STEPS:
            outside = frame.f_back is None or frame.f_back.f_code.co_filename != self.path
            function = self.functions.get(code)
            if not outside or function is None:
                return
            self.alive.append(frame)
            self.open[id(frame)] = len(self.steps)
            self.step(function, code, frame.f_locals)
        elif event == "return" and id(frame) in self.open and not code.co_flags & GENERATOR:
            self.keep(argument, Ref(self.open[id(frame)], made=False))

    def step(self, function: Any, code: types.CodeType, values: dict[str, Any]) -> None:
        names = code.co_varnames
        plain, total = code.co_argcount, code.co_argcount + code.co_kwonlyargcount
        given = [values.get(name) for name in names[:plain]]
        of = made_of(given[0]) if code.co_name == "__init__" and given else None
        if of is not None:
            self.keep(given[0], Ref(len(self.steps), made=True))
        if code.co_flags & VARARGS:
            given += values.get(names[total], ())
        named = {name: self.told(values.get(name)) for name in names[plain:total]}
        if code.co_flags & VARKEYWORDS:
            more: dict[str, Any] = values.get(names[total + bool(code.co_flags & VARARGS)], {})
            named.update((name, self.told(value)) for name, value in more.items())
        self.steps.append(Step(function, [self.told(value) for value in given], named, of))

    def keep(self, value: Any, ref: Ref) -> None:
        """Whatever has a state of its own is the same object wherever it comes again."""
        if id(value) not in self.known and stateful(value):
            self.known[id(value)] = ref
            self.alive.append(value)

    def told(self, value: Any) -> Any:
        if id(value) in self.known:
            return self.known[id(value)]
        if type(value) in (list, tuple):
            several = [self.told(one) for one in value]
            return several if type(value) is list else tuple(several)
        return copied(value)


def made_of(value: Any) -> type[Any]:
    return value.__class__


def stateful(value: Any) -> bool:
    return hasattr(value, "__dict__") and not isinstance(value, (type, types.FunctionType, types.ModuleType))


def copied(value: Any) -> Any:
    try:
        return copy.deepcopy(value)
    except Exception:
        return value


def replays(tests: list[list[Step]]) -> Iterator[list[Step]]:
    """Other calls than the tests make, of each test in turns: the usual before the odd."""
    methods = [step for steps in tests for step in steps if step.method and step.of is None]
    roads = [others(steps, methods) for steps in tests if any(step.method for step in steps)]
    return _in_turns(roads)


def others(steps: list[Step], methods: list[Step]) -> Iterator[list[Step]]:
    return _in_turns([varied(steps), longer(steps, methods), shorter(steps)])


def _in_turns(ways: list[Iterator[list[Step]]]) -> Iterator[list[Step]]:
    while ways:
        for way in list(ways):
            one = next(way, None)
            if one is None:
                ways.remove(way)
            else:
                yield one


def varied(steps: list[Step]) -> Iterator[list[Step]]:
    """One argument otherwise; in turns, so that each gets its share."""
    places = [
        (number, at, list(near(value)))
        for number, step in enumerate(steps)
        for at, value in enumerate(step.arguments)
        if not isinstance(value, Ref)
    ]
    for turn in range(max((len(values) for _, _, values in places), default=0)):
        for number, at, values in places:
            if turn < len(values):
                yield [*steps[:number], steps[number].with_argument(at, values[turn]), *steps[number + 1 :]]


def longer(steps: list[Step], methods: list[Step]) -> Iterator[list[Step]]:
    """A call made twice; and at the end one that another test makes of such an object."""
    for number, step in enumerate(steps):
        if step.of is None:
            yield again(steps, number, step)
    made = {step.of: Ref(number, made=True) for number, step in enumerate(steps) if step.of is not None}
    seen: set[str] = set()
    for step in methods:
        name = step.function.__qualname__
        owner = next((of for of in made if getattr(of, step.function.__name__, None) is not None), None)
        plain = not any(isinstance(one, Ref) for one in step.arguments[1:])
        if owner is not None and plain and step.arguments and name not in seen:
            seen.add(name)
            yield [*steps, step.with_argument(0, made[owner])]
            yield [*steps, step.with_argument(0, made[owner]), *[s for s in steps[-1:] if s.of is None]]


def shorter(steps: list[Step]) -> Iterator[list[Step]]:
    """A call left out; two that follow one another exchanged."""
    used = {ref.step for step in steps for ref in refs(step)}
    for number, step in enumerate(steps):
        if step.of is None and number not in used and len(steps) > 1:
            yield moved(steps, [n for n in range(len(steps)) if n != number])
    for number in range(len(steps) - 1):
        one, two = steps[number], steps[number + 1]
        if one.of is None and two.of is None and all(ref.step != number for ref in refs(two)):
            order = list(range(len(steps)))
            order[number : number + 2] = [number + 1, number]
            yield moved(steps, order)


def refs(step: Step) -> Iterator[Ref]:
    for value in (*step.arguments, *step.named.values()):
        if isinstance(value, Ref):
            yield value
        elif type(value) in (list, tuple):
            yield from (one for one in value if isinstance(one, Ref))


def again(steps: list[Step], number: int, step: Step) -> list[Step]:
    """The call made twice in a row."""
    order = [*range(number + 1), number, *range(number + 1, len(steps))]
    return moved(steps, order)


def moved(steps: list[Step], order: list[int]) -> list[Step]:
    """The calls in another order; what refers to one follows it to its last place."""
    place = {old: new for new, old in enumerate(order)}

    def now(value: Any) -> Any:
        if isinstance(value, Ref):
            return Ref(place.get(value.step, value.step), value.made)
        if type(value) in (list, tuple):
            return type(value)(now(one) for one in value)
        return value

    return [
        Step(
            steps[old].function, [now(one) for one in steps[old].arguments],
            {name: now(one) for name, one in steps[old].named.items()}, steps[old].of,
        )
        for old in order
    ]  # fmt: skip


def near(value: Any) -> Iterator[Any]:
    """Values of the same kind; the usual before the odd."""
    found: list[Any] = []
    if isinstance(value, bool):
        found = [not value]
    elif isinstance(value, int):
        found = [value + 1, value - 1, 2 * value + 1, 0, 1, 2, 5, 10, -value, 100]
    elif isinstance(value, float):
        found = [value + 1, value / 2, 2 * value, 0.0, -value]
    elif isinstance(value, str):
        found = [f"{value}a", value[1:], value[::-1], value.swapcase(), f" {value} ", ""]
    elif type(value) in (list, tuple):
        found = [value[1:], value[:-1], value[::-1], value + value[:1], value[:0]]
        for at, one in enumerate(value[:3]):
            if not isinstance(one, Ref):
                changed = [type(value)([*value[:at], other, *value[at + 1 :]]) for other in islice(near(one), 2)]
                found += changed
    elif type(value) is dict:
        keyed: dict[Any, Any] = dict(value)  # pyright: ignore[reportUnknownArgumentType]
        for key in list(keyed)[:3]:
            found.append({other: keyed[other] for other in keyed if other != key})
            found += [{**keyed, key: other} for other in islice(near(keyed[key]), 2)]
    seen: list[Any] = [value]
    for other in found:
        if not any(type(other) is type(one) and other == one for one in seen):
            seen.append(other)
            yield other


def made_again(steps: list[Step], answer: Callable[..., str], written: Callable[[Any], str]) -> str:
    """The calls as they would be written, what came of each, and what the objects hold in the end."""
    results: list[Any] = [None] * len(steps)
    objects: list[Any] = [None] * len(steps)

    def value(told: Any) -> Any:
        if isinstance(told, Ref):
            return (objects if told.made else results)[told.step]
        if type(told) in (list, tuple):
            return type(told)(value(one) for one in told)
        return copied(told)

    said: list[str] = []
    script: list[str] = []
    for number, step in enumerate(steps):
        given = [value(one) for one in step.arguments]
        named = {name: value(one) for name, one in step.named.items()}
        name = step.function.__qualname__.rpartition(".")[2]
        if step.of is not None:
            maker: Any = step.of.__new__
            try:
                given[0] = objects[number] = maker(step.of)
            except Exception:
                given[0] = None
            name = step.of.__name__
        shown = [written(one) for one in given[1 if step.method else 0 :]]
        shown += [f"{key}={written(one)}" for key, one in named.items()]
        script.append(f"{name}({', '.join(shown)})")

        def call(given: list[Any] = given, named: dict[str, Any] = named, number: int = number, s: Step = step) -> Any:
            results[number] = s.function(*given, **named)
            return results[number]

        said.append(answer(call, ()))
    held = [written(vars(one)) for one in (*objects, *results) if one is not None and stateful(one)]
    return f"{'; '.join(script)} → {said[-1] if said else ''}\n{said} {held}"


def recorded(path: str, functions: list[Any], items: list[Any], run: Callable[[Any], Any]) -> list[list[Step]]:
    """The calls of each test, in its order."""
    by_code = {one.__code__: one for one, _ in reversed(functions)}
    found: list[list[Step]] = []
    for item in items:
        recorder = Recorder(path, by_code)
        sys.setprofile(recorder.heard)
        try:
            run(item)
        finally:
            sys.setprofile(None)
        found.append(recorder.steps)
    return found


def compared(
    path: str, functions: list[Any], items: list[Any], run: Callable[[Any], Any], answer: Callable[..., str],
    written: Callable[[Any], str],
) -> list[str]:  # fmt: skip
    """What becomes of calls that the tests do not make; [] where there are none."""
    tests = recorded(path, functions, items, run)
    return [made_again(steps, answer, written) for steps in islice(replays(tests), REPLAYS)]
