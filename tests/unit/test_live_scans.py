"""What the camera over the belt of a till reads reaches that till's page and nobody else's."""

import pytest

from app.live import passes
from app.live.hub import Hub
from app.live.passes import Pass
from app.live.room import Listener
from app.live.scans import TillScan, till_key
from app.live.server import StreamServer

SECRET = "only-for-tests-0123456789"
SCAN = TillScan(store_id=1, till="T1", id="one", code="4006381333931")
FRAME = b'event: scan\ndata: {"id":"one","code":"4006381333931"}\n\n'


@pytest.fixture
def hub() -> Hub:
    hub = Hub()
    hub.begin()
    return hub


def page(hub: Hub, till: str = "T1", seat: str = "counter", store_id: int = 1) -> Listener:
    """A page of this till that has had its greeting."""
    listener = hub.join(store_id, till=till, seat=seat)
    assert listener is not None
    listener.next(0)
    return listener


@pytest.mark.parametrize(
    ("name", "key"), [("1", "T1"), ("T1", "T1"), ("t01", "T1"), ("T", "T"), ("left-2", "LEFT-2"), ("10", "T10")]
)
def test_a_till_may_be_called_by_its_number(name: str, key: str) -> None:
    assert till_key(name) == key


def test_a_scan_goes_to_its_till_at_once_and_to_no_other_page(hub: Hub) -> None:
    till = page(hub)
    others = [page(hub, "T2"), page(hub, ""), page(hub, store_id=2)]

    assert hub.scan(SCAN) == 1

    assert till.next(0) == FRAME
    assert [other.next(0) for other in others] == [None] * 3


def test_a_till_that_nobody_shows_is_said_so(hub: Hub) -> None:
    hub.leave(page(hub))

    assert hub.scan(SCAN) == 0


def test_all_windows_of_one_computer_hear_a_scan(hub: Hub) -> None:
    windows = [page(hub), page(hub)]

    assert (hub.scan(SCAN), [window.next(0) for window in windows]) == (1, [FRAME] * 2)


def test_of_two_computers_with_one_name_neither_gets_the_goods_of_the_other(hub: Hub) -> None:
    both = [page(hub), page(hub, seat="office")]

    assert (hub.scan(SCAN), [one.next(0) for one in both]) == (2, [None] * 2)


def test_a_stream_is_the_till_its_pass_was_signed_for(hub: Hub) -> None:
    token = passes.issue(SECRET, Pass(1, "http://shop.example", "T1", "counter"))
    environ = {"PATH_INFO": "/events", "REQUEST_METHOD": "GET", "QUERY_STRING": f"token={token}&till=T2&seat=x"}
    stream = iter(StreamServer(hub, SECRET)(environ, lambda *_: None))
    _retry, _greeting = next(stream), next(stream)

    hub.scan(TillScan(1, "T2", "two", "1"))
    hub.scan(SCAN)

    assert next(stream) == FRAME


def test_a_scan_survives_its_way_over_redis() -> None:
    assert TillScan.decode(b"aisle:0:till:1", SCAN.encode().encode()) == SCAN
