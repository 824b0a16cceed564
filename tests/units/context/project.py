"""A small project for the tests of this folder, and a driver for steps that only count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dovetail.graph import FileFacts
from dovetail.model.ask import Steps
from dovetail.syntax import Tree, language_for
from dovetail.text import Document
from dovetail.world import World
from tests.driven import driven

ROOT = "/project"
SHOP = {
    "shop/prices.py": '''"""What things cost."""

TAX = 0.2

def with_tax(amount: float, rate: float = TAX) -> float:
    """The price with tax."""
    return amount * (1 + rate)

class Price:
    """An amount of money."""

    def __init__(self, amount: float) -> None:
        self.amount = amount

    def rounded(self) -> float:
        """To whole cents."""
        return round(self.amount, 2)
''',
    "shop/basket.py": '''from shop.prices import Price, with_tax

class Basket:
    """What somebody is about to buy."""

    def __init__(self) -> None:
        self.items: list[Price] = []

    def add(self, price: Price) -> None:
        self.items.append(price)

    def total(self) -> float:
        return sum(with_tax(price.rounded()) for price in self.items)
''',
    "shop/till.py": '''from shop.basket import Basket

def pay(basket: Basket) -> str:
    """Print a receipt."""
    amount = basket.total()
    return f"{amount:.2f} EUR"
''',
    "shop/mail.py": '''"""Letters to customers."""

def send_receipt(address: str, receipt: str) -> None:
    """Send a receipt by electronic mail."""

def parse_address(text: str) -> str:
    """Split an electronic address at its sign."""
    return text.split("@")[0]
''',
    "tests/test_basket.py": """from shop.basket import Basket
from shop.prices import Price

def test_total():
    basket = Basket()
    basket.add(Price(1.0))
    assert basket.total() == 1.2
""",
}


def world(files: Mapping[str, str], opened: Iterable[str] = ()) -> World:
    """A workspace with these files, paths below its root; some of them open."""
    here = World([ROOT])
    for name, text in files.items():
        path = f"{ROOT}/{name}"
        language = language_for(path)
        assert language is not None
        document = Document.of(text)
        here.learn([(path, FileFacts.of(Tree.parse(language, document)), document.data)])
    for name in opened:
        here.open(f"{ROOT}/{name}", files[name], 1, None)
    return here


def quarters(text: str) -> int:
    """A tokenizer of one token per four characters, rounded up."""
    return -(-len(text) // 4)


def done(steps: Steps[Any], tokens: Callable[[str], int] = quarters) -> Any:
    """Drive steps that ask for nothing but counts."""
    return driven(steps, lambda texts: [tokens(text) for text in texts])
