"""Orders."""

from shop.prices import Item, discount


class Order:
    """What somebody buys."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items

    def total(self, percent: int = 0) -> float:
        """The price of the order, less a discount."""
        total = 0.0
        for item in self.items:
            total += item.total()
        return discount(total, percent)

    def names(self) -> list[str]:
        """The names of the items."""
        return [item.name for item in self.items]
