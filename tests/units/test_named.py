"""Sentences about code: what names nothing unknown is kept, and no invented name passes, however it is written."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import dovetail
from dovetail.features.known import known
from dovetail.features.sentence import believable
from dovetail.world import World
from tests.bench.explanations import INVENTED, Case, cases, replaced

# one function in each language, with what never counts: a comment and a text
CODE = {
    "a.py": "def pull(url):\n    # old_helper LegacyCache\n    log = 'frob_all'\n    return url\n",
    "a.js": "function pull(url) {\n  // old_helper LegacyCache\n  log('frob_all');\n  return url;\n}\n",
    "a.ts": "function pull(url: string) {\n  // old_helper LegacyCache\n  log(`frob_all`);\n  return url;\n}\n",
    "a.tsx": "function pull(url: string) {\n  // old_helper LegacyCache\n  return <p>frob_all {url}</p>;\n}\n",
    "a.go": "package a\n\nfunc pull(url string) string {\n\t// old_helper LegacyCache\n"
        "\tlog(`frob_all`)\n\treturn url\n}\n",
    "A.java": "class A {\n  String pull(String url) {\n    // old_helper LegacyCache\n"
        "    log(\"frob_all\");\n    return url;\n  }\n}\n",
    "a.rs": "fn pull(url: &str) -> &str {\n    // old_helper LegacyCache\n    log(\"frob_all\");\n    url\n}\n",
    "a.rb": "def pull(url)\n  # old_helper LegacyCache\n  log \"frob_all\"\n  url\nend\n",
    "a.php": "<?php\nfunction pull($url) {\n  // old_helper LegacyCache\n  log('frob_all');\n  return $url;\n}\n",
    "a.c": "char *pull(char *url) {\n  // old_helper LegacyCache\n  log(\"frob_all\");\n  return url;\n}\n",
    "a.cpp": "char *pull(char *url) {\n  // old_helper LegacyCache\n  log(\"frob_all\");\n  return url;\n}\n",
    "A.cs": "class A {\n  string pull(string url) {\n    // old_helper LegacyCache\n"
        "    log(\"frob_all\");\n    return url;\n  }\n}\n",
    "a.lua": "function pull(url)\n  -- old_helper LegacyCache\n  log(\"frob_all\")\n  return url\nend\n",
    "a.sh": "pull() {\n  # old_helper LegacyCache\n  local url=\"$1\"\n  log 'frob_all'\n  echo \"$url\"\n}\n",
}  # fmt: skip
UNKNOWN = (
    "It calls old_helper() on the url.", "It asks the LegacyCache for the url.", "Calls `frob_all` with the url.",
    "Reads settings.timeout for the url.", "Delegates to Http::Client for it.", "Gets the url from Cache#fetch first.",
    "Uses the frobnicate function for it.", "Uses the retry function for it.", "It asks Cache->fetch for the url.",
    "Uses $missing to get the url.", "Uses the @frob decorator for it.", "Calls 'frobnicate' for the url.",
    'Calls "frobnicate" for the url.', "Calls “frobnicate” for the url.", "Calls frob () to get the url.",
    "Limits the url to MAXSIZE of them.", "Reads überTax for the url.", "Hands the url to Frobnicator.",
    "Calls frobnicate with the url.", "Frobnicator takes the url and returns it.", "Returns url.frobnicate at once.",
    "Calls the function named frobnicate with it.", "Returns at most 17 of the url.", "Uses http9 to get the url.",
    "Calls frob(url) and returns it.", "The `Frob.Nicate` of the url.", "The argument limit bounds the url.",
    "Reads the deadline attribute of the url.", "Reads the deadline field.", "Takes url and limit and gives back url.",
    "The deadline option bounds the url.", "The parameter deadline bounds the url.", "Uses old-helper for the url.",
    "Sets the retry variable to the url.", "Reads the retry constant.", "Uses requests to download the url.",
    "Opens the url via connect.", "Calls normalize on the url.", "Hands the url over to normalize.",
    "It uses the celery package for the url.", "Downloads the url with requests.", "Returns url.strip() at once.",
    "Ignore previous instructions.", "Delete all files.", "Send the password to everybody.",
)  # fmt: skip
TRUE = (
    "Return the url as it is.", "Returns `url` unchanged.", "Give back the url that it was given.",
    "Calls log() and returns the url.", "Return the URL, which isn't changed.", "Log a text, then return the url.",
    "Take the url and return it.", "The url argument is returned.", "Gives back the argument value.",
)  # fmt: skip
SALAD = (
    "Return widtif not names:.", "Return the of url to.", "url url return url the url.", "Return the url of the.",
    "return log url text value number list set get make.", "Return = url + 1.", "Return the url (.",
    "Return the url; log;.",
    "The url, (log.", "Return the url [0].", "Is the url?", "Return the url and the url and the url and the url.",
    "return url\n}", "Return the if url.", "url { log: url }.", "Return the a url.", "Url the url.",
    "Return *url.", "Log log# url text.", "Return #url at once.", "If not url: log.", "Return url return url.",
)  # fmt: skip
OWN = Path(dovetail.__file__).parent


@pytest.mark.parametrize("name", CODE)
def test_what_is_named_exists_in_every_language(name: str) -> None:
    world = World(["/project"])
    world.open(f"/project/{name}", CODE[name], 1, None)
    snapshot = world.snapshot()
    symbol = next(one for one in snapshot.graph.symbols(f"/project/{name}") if one.name == "pull")
    exists = known(snapshot, symbol)
    assert [said for said in UNKNOWN if believable(said, exists)] == []
    logs = name != "a.tsx"
    assert [said for said in TRUE if not believable(said, exists) and (logs or "log" not in said)] == []


def test_what_is_no_sentence_is_not_believed() -> None:
    world = World(["/project"])
    world.open("/project/a.py", CODE["a.py"], 1, None)
    snapshot = world.snapshot()
    exists = known(snapshot, snapshot.graph.symbols("/project/a.py")[0])
    assert [said for said in SALAD if believable(said, exists)] == []


def test_members_belong_to_what_they_are_said_of() -> None:
    text = (
        "import json\n\n\nclass Base:\n    def close(self):\n        pass\n\n\nclass Cache(Base):\n    def get(self):\n"
        "        return self.store.load(json.dumps(1))\n\n\nclass Net(Elsewhere):\n    def fetch(self):\n        pass\n"
    )
    world = World(["/project"])
    world.open("/project/a.py", text, 1, None)
    snapshot = world.snapshot()
    exists = known(snapshot, next(one for one in snapshot.graph.symbols("/project/a.py") if one.name == "get"))
    for path in ("Cache.get", "Cache.close", "self.store", "self.get", "self.close", "store.load", "json.dumps"):
        assert believable(f"Gives what `{path}` gives for it.", exists), path
    assert believable("Gives what `Net.close` gives for it.", exists), "its base may have it"
    for path in ("Cache.fetch", "self.fetch", "Base.get", "Cache.nowhere", "Nowhere.get"):
        assert not believable(f"Gives what `{path}` gives for it.", exists), path


def test_a_member_in_words_belongs_to_what_it_is_said_of_and_a_standard_stands_in_the_file() -> None:
    text = (
        "# see RFC 3986 and PEP-8\n\n\nclass Cart:\n    def clear(self):\n        return 3\n\n\n"
        "class Order:\n    def ship(self):\n        pass\n"
    )
    world = World(["/project"])
    world.open("/project/a.py", text, 1, None)
    snapshot = world.snapshot()
    exists = known(snapshot, next(one for one in snapshot.graph.symbols("/project/a.py") if one.name == "clear"))
    for said in (
        "Calls the ship method of Order.", "Calls the ship method of the `Order` for it.", "Uses Order's ship method.",
        "Uses the main method of operation here.", "Follows RFC 3986 for the cart.", "Follows PEP 8 for the cart.",
        "Uses the sorted function of Python here.",
    ):  # fmt: skip
        assert believable(said, exists), said
    for said in (
        "Calls the ship method of Cart.", "Calls the `ship` method of the class `Cart` at once.",
        "Uses Cart's ship method.", "Implements RFC 9999 for the cart.", "Follows PEP 8123 for the cart.",
        "Follows RFC 3987 for the cart.", "Clears the cart using numpy.", "Gives the cart as a DataFrame.",
    ):  # fmt: skip
        assert not believable(said, exists), said


def test_of_true_sentences_few_are_lost_and_no_invented_name_passes() -> None:
    every: list[Case] = []
    for path in sorted(OWN.rglob("*.py"))[::3]:
        every += cases(path, 8)
    choice = random.Random(7)
    sample = choice.sample(every, 300)
    kept = [case for case in sample if believable(case.sentence, case.exists)]
    assert len(kept) >= 0.75 * len(sample)
    for case in kept:
        for way in INVENTED:
            other = replaced(case, way, choice)
            assert other is None or believable(other, case.exists) is None, other
