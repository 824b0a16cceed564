"""Prices and what is taken off them."""

from __future__ import annotations


class Item:
    """Something to buy."""

    def __init__(self, name: str, price: float, count: int = 1) -> None:
        if price < 0:
            raise ValueError(f"price must not be negative, got {price}")
        self.name = name
        self.price = price
        self.count = count

    def total(self) -> float:
        """The price of all of them."""
        return self.price * self.count


def discount(price: float, percent: int = 0) -> float:
    """Take percent off a price.

    Args:
        price: must not be negative.
        percent: between 0 and 100.
    """
    return price * (100 - percent) / 100


def cheapest(items: list[Item]) -> Item:
    """The item with the lowest price."""
    return min(items, key=lambda item: item.price)
