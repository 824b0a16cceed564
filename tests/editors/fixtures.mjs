// Files beside those of the project, in which one name is used by two.

export const STOCK = `"""What is in stock."""

from shop.prices import Item


def make_shelf() -> list[Item]:
    """Pens and ink."""
    return [Item("pen", 2.0), Item("ink", 7.5)]


arr = make_shelf()
`;

export const REPORT = `"""What is told of the stock."""

from shop.stock import arr


def names() -> list[str]:
    """What is in stock, by name."""
    return [item.name for item in arr]


def value() -> float:
    """What the stock is worth."""
    return sum(item.total() for item in arr)
`;

export const SCALE = `def scale(size: int) -> int:
    """Twice the size.

    Args:
        size: must not be negative.
    """
    return 2 * size
`;
