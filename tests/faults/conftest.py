"""One running shop for all fault tests: starting it costs more than most faults."""

from collections.abc import Iterator

import pytest

from tests.faults.harness import FaultyShop, faulty_shop


@pytest.fixture(scope="session")
def running_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyShop]:
    with faulty_shop(tmp_path_factory.mktemp("faults")) as shop:
        yield shop


@pytest.fixture
def faulty(running_shop: FaultyShop) -> Iterator[FaultyShop]:
    """The shop with everything healed before and after."""
    running_shop.heal()
    yield running_shop
    running_shop.heal()
