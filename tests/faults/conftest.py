"""One running shop for all fault tests: starting it costs more than most faults."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack

import pytest

from tests.faults.harness import FaultyShop, faulty_shop

_open = ExitStack()


@pytest.fixture(scope="session")
def running_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyShop]:
    with _open:
        yield _open.enter_context(faulty_shop(tmp_path_factory.mktemp("faults")))


@pytest.fixture
def faulty(running_shop: FaultyShop) -> Iterator[FaultyShop]:
    """The shop with everything healed before and after."""
    running_shop.heal()
    yield running_shop
    running_shop.heal()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """End the shop after its last test: whoever comes next needs the machine."""
    yield
    later = item.session.items[item.session.items.index(item) + 1 :]
    if not any("running_shop" in getattr(one, "fixturenames", ()) for one in later):
        _open.close()
