"""In which order a project is read."""

from dovetail.lsp.sync import nearest_first
from dovetail.world import World


def test_what_an_open_file_imports_is_read_first() -> None:
    world = World()
    world.open("/p/app/main.py", "from shop.basket import Basket\nimport prices\n", 1, "python")
    paths = ["/p/a.py", "/p/app/other.py", "/p/lib/prices.py", "/p/shop/__init__.py", "/p/shop/basket.py", "/p/z.py"]
    assert nearest_first(paths, world.snapshot()) == [
        "/p/lib/prices.py", "/p/shop/basket.py", "/p/app/other.py", "/p/shop/__init__.py", "/p/a.py", "/p/z.py",
    ]  # fmt: skip
