"""What signature and body say, in words: true whoever reads it, with a model or without."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from dovetail.features.actions.documentation.style import Style
from dovetail.features.actions.documentation.target import Target, text
from dovetail.graph.calls import called
from dovetail.graph.documentation import read_documentation
from dovetail.graph.outcomes import Raised
from dovetail.graph.signature import Parameter
from dovetail.world import Snapshot

_LONGEST = 72
"""Characters of a condition or a default that are quoted."""


def named(name: str) -> list[str]:
    """A name as words."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W_]+", name)
    return [part if part.isupper() and len(part) > 1 else part.lower() for part in parts]


def summary(target: Target, style: Style) -> str:
    """The first sentence, by the function's name."""
    said, rules = target.rules["words"], target.rules
    words = named(target.symbol.name)
    makers = (target.language.settings.get("maker"), target.symbol.container.rsplit(".", 1)[-1])
    if target.symbol.name in makers and target.symbol.container:
        made = " ".join(named(target.symbol.container))
        return _sentence(said["summary-maker"].format(words=made), style)
    if not words:
        return _sentence(target.symbol.name, style)
    verb, *rest = words
    if verb in said["verbs"]:
        verb = _third(verb) if style.third else verb
        if not rest:
            return _sentence(said["summary-alone"].format(Verb=verb.capitalize()), style)
        row = "summary-bare" if rest[0] in said["no-article"] or rest[-1].endswith("s") else "summary"
        return _sentence(said[row].format(Verb=verb.capitalize(), words=" ".join(rest)), style)
    if verb in said["truth"] and target.result:
        return _sentence(said["result-truth"].format(words=" ".join(words)), style)
    row = "summary-noun" if target.result and verb not in rules["words"]["no-article"] else "summary-other"
    whole = " ".join(words)
    return _sentence(said[row].format(words=whole, Words=whole[:1].upper() + whole[1:]), style)


def parameter(snapshot: Snapshot, target: Target, one: Parameter) -> tuple[str, str]:
    """(what a parameter is, where that comes from): from what it is passed on to, from the project, by its name."""
    if passed := _passed_on(snapshot, target, one):
        return passed
    if known := _known(snapshot, target, one):
        return known
    said = target.rules["words"]
    words = " ".join(named(one.name)) or one.name
    if one.passed in ("rest", "rest by name"):
        return said["rest" if one.passed == "rest" else "rest-named"], "its name"
    default = one.default if one.default is not None and len(one.default) <= _LONGEST else None
    flag = one.type == said["flag-type"] or default in said["flag-values"]
    verb = named(one.name)[:1]
    row = "flag" if flag and verb and verb[0] in said["verbs"] else "flag-state" if flag else "parameter"
    sentence = said[row].format(words=words)
    if default is not None and default not in said["no-default"]:
        quoted = f"`{default}`" if not re.fullmatch(r"[\w.+-]+|(\"[^\"]*\"|'[^']*')", default) else default
        sentence = said["default"].format(text=sentence.removesuffix("."), default=quoted)
    return sentence, "its name"


def generic(target: Target, name: str) -> str:
    """What a type is that a caller chooses: that of the first parameter which has it, else that of the result."""
    said = target.rules["words"]
    for one in target.written.parameters:
        if re.search(rf"\b{re.escape(name)}\b", one.type):
            row = "generic" if one.type == name else "generic-of"
            return said[row].format(words=" ".join(named(one.name)) or one.name)
    of_result = target.result and re.search(rf"\b{re.escape(name)}\b", target.written.returns)
    return said["generic" if of_result else "generic-other"].format(words="result")


def result(target: Target, style: Style) -> str:
    """What is given back."""
    said = target.rules["words"]
    values = list(dict.fromkeys(text(value) for value in target.ends.returns))
    words = named(target.symbol.name)
    if words and words[0] in said["truth"]:
        return said["result-truth"].format(words=" ".join(words))
    if len(values) == 1 and target.result == "returns":
        if re.fullmatch(r"(?:\w+\.)?[a-z_]\w*", values[0]):
            name = values[0].rsplit(".", 1)[-1]
            receivers = target.language.settings.get("receivers", ())
            if name not in said["nameless"] and len(name) > 1 and name not in receivers:
                return said["result"].format(words=" ".join(named(name)))
        if made := re.match(r"([A-Z]\w*)\(", values[0]):
            return said["result-made"].format(words=made.group(1))
    if words and words[0] in said["bringing"] and len(words) > 1 and words[1] not in said["no-article"]:
        return said["result"].format(words=" ".join(words[1:]))
    if len("".join(words)) > 2 and words[0] not in said["verbs"] and words[0] not in said["no-article"]:
        return said["result"].format(words=" ".join(words))
    return said["result-other"]


def error(target: Target, raised: Sequence[Raised], style: Style) -> str:
    """When an error is raised."""
    said, quote = target.rules["words"], style.rules.get("quote", "`")
    parts: list[str] = []
    for one in raised:
        if one.when and len(one.condition) <= _LONGEST and (not quote or quote not in one.condition):
            parts.append(said[one.when].format(condition=one.condition, q=quote))
        elif one.message and not re.search(r"[{%\\]", one.message) and not re.match(r"\w*f", one.message):
            parts.append(said["says"].format(message=one.message.strip("\"'rRuUbB").rstrip(".")))
        else:
            parts.append(said["some"])
    first, *rest = list(dict.fromkeys(parts)) or [said["some"]]
    for part in rest:
        first = first.removesuffix(".") + said["or"] + part[:1].lower() + part[1:]
    return first


def _passed_on(snapshot: Snapshot, target: Target, one: Parameter) -> tuple[str, str] | None:
    """The words of a function that is given this very parameter under the same name."""
    uses = {at.base + at.use.start: at for at in snapshot.graph.uses_in(target.symbol.path, target.symbol.span)}
    matches = target.tree.matches("calls", target.node)
    callees = {m["arguments"][0].id: m["callee"][0] for m in matches if "arguments" in m}
    for match in matches:
        if "passed.value" not in match or text(match["passed.value"][0]) != one.name:
            continue
        callee = callees.get(match["passed"][0].id)
        at = uses.get(callee.start_byte) if callee is not None else None
        reached = called(snapshot.graph, target.symbol.path, at) if at is not None else None
        if reached is None or not reached.symbol.doc:
            continue
        name = text(match["passed.name"][0])
        documented = read_documentation(reached.symbol.doc, target.rules).parameters.get(name)
        if documented is not None and documented.alone and (whole := _first(documented.text)):
            return whole, f"{reached.symbol.name}, which it is passed on to"
    return None


def _known(snapshot: Snapshot, target: Target, one: Parameter) -> tuple[str, str] | None:
    """What this file or its neighbours say of a parameter of the same name and type, where they agree."""
    said: Counter[str] = Counter()
    for path, doc, head in _neighbours(snapshot, target):
        if not re.search(rf"\b{re.escape(one.name)}\b", head):
            continue
        kind = re.search(rf"\b{re.escape(one.name)}\s*:\s*([^=,)]+)", head)
        if (kind.group(1).strip() if kind else "") != re.split(r"[,=]", one.type)[0].strip():
            continue
        documented = read_documentation(doc, target.rules).parameters.get(one.name)
        if documented is not None and documented.alone and (whole := _first(documented.text)):
            said[whole] += 1 + (path == target.symbol.path)
    if not said:
        return None
    whole, times = said.most_common(1)[0]
    if times < 2 or 2 * times <= said.total() or _tells_default(whole, one):
        return None
    return whole, f"what {one.name} is elsewhere in the project"


def _tells_default(said: str, one: Parameter) -> bool:
    """Whether words that are borrowed speak of a default, which may be another here."""
    return re.search(r"(?i)\bdefault|\boptional\b", said) is not None and one.default is None


def _neighbours(snapshot: Snapshot, target: Target) -> Iterator[tuple[str, str, str]]:
    """(path, documentation, signature) of the functions of this file and its folder."""
    folder = target.symbol.path.rsplit("/", 1)[0]
    for path, facts in snapshot.graph.files.items():
        if path.rsplit("/", 1)[0] != folder:
            continue
        for placed in facts.placed:
            d = placed.definition
            own = path == target.symbol.path and placed.base + d.name_start == target.symbol.name_span.start
            if d.doc and d.kind == "function" and not own:
                yield path, d.doc, d.signature


def _first(words: str) -> str:
    """The first sentence of what is said, whole and plain; "" where it is neither."""
    flat = " ".join(words.split())
    sentence = re.match(r"(.+?[.!?])(?:\s|$)", flat)
    whole = sentence.group(1) if sentence else flat
    whole = whole if whole.endswith((".", "!", "?")) else f"{whole}."
    return whole[:1].upper() + whole[1:] if 3 < len(whole) <= 160 else ""


def _third(verb: str) -> str:
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if verb.endswith("y") and verb[-2:-1] not in "aeiou" else f"{verb}s"


def _sentence(words: str, style: Style) -> str:
    return words if style.period else words.removesuffix(".")
