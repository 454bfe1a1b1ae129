"""The hub of event streams: what a listener gets, misses, and is told when it cannot be told."""

from collections.abc import Iterable
from typing import Any

import pytest
import time_machine

from app.live import passes, server
from app.live.changes import Change, Message
from app.live.hub import Hub
from app.live.passes import Pass
from app.live.room import MOST_IN_A_FRAME, QUEUE, RING, Listener
from app.live.server import StreamServer

SECRET = "only-for-tests-0123456789"
SHOP = "http://shop.example"


@pytest.fixture
def hub() -> Hub:
    hub = Hub()
    hub.begin()
    return hub


def listen(hub: Hub, store_id: int = 1, last: str = "") -> Listener:
    listener = hub.join(store_id, last)
    assert listener is not None
    return listener


def tell(hub: Hub, *changes: tuple[int, int | None, int], store_id: int | None = 1, ticket: int = 1) -> None:
    hub.take(Message(store_id, ticket, tuple(Change(*one) for one in changes)))
    hub.flush()


def heard(listener: Listener) -> list[tuple[str, str]]:
    """(event, data) of everything that waits."""
    return [(lines["event"], lines["data"]) for lines in frames(listener)]


def last_id(listener: Listener) -> str:
    return list(frames(listener))[-1]["id"]


def frames(listener: Listener) -> Iterable[dict[str, str]]:
    while frame := listener.next(0):
        yield dict(line.split(": ", 1) for line in frame.decode().splitlines() if line)


def test_a_new_listener_asks_for_everything_and_then_hears_its_own_store_only(hub: Hub) -> None:
    here, elsewhere = listen(hub), listen(hub, store_id=2)

    tell(hub, (7, 5000, 199))

    assert heard(here) == [("resync", "{}"), ("stock", "[[7,5000,199]]")]
    assert heard(elsewhere) == [("resync", "{}")]


def test_a_price_without_a_store_reaches_every_store_and_keeps_the_known_stock(hub: Hub) -> None:
    here, elsewhere = listen(hub), listen(hub, store_id=2)
    tell(hub, (7, 5000, 199), ticket=1)

    tell(hub, (7, None, 250), store_id=None, ticket=2)

    assert heard(here)[-1] == ("stock", "[[7,5000,250]]")
    assert heard(elsewhere)[-1] == ("stock", "[[7,null,250]]")


def test_messages_between_two_frames_become_one_frame(hub: Hub) -> None:
    listener = listen(hub)
    hub.take(Message(1, 1, (Change(7, 5000, 199),)))
    hub.take(Message(1, 2, (Change(7, 4000, 199), Change(8, 1000, 50))))

    hub.flush()

    assert heard(listener)[1:] == [("stock", "[[7,4000,199],[8,1000,50]]")]


def test_a_message_overtaken_by_a_newer_one_changes_nothing(hub: Hub) -> None:
    listener = listen(hub)
    tell(hub, (7, 4000, 199), ticket=2)

    tell(hub, (7, 5000, 150), ticket=1)

    assert heard(listener)[1:] == [("stock", "[[7,4000,199]]")]


def test_an_older_stock_still_counts_beside_a_newer_price(hub: Hub) -> None:
    listener = listen(hub)
    tell(hub, (7, None, 250), store_id=None, ticket=2)

    tell(hub, (7, 5000, 199), ticket=1)

    assert heard(listener)[1:] == [("stock", "[[7,null,250]]"), ("stock", "[[7,5000,250]]")]


def test_a_clock_that_was_set_back_does_not_silence_a_store(hub: Hub) -> None:
    listener = listen(hub)
    tell(hub, (7, 5000, 199), ticket=3_600_000_000)

    tell(hub, (7, 4000, 199), ticket=1)

    assert heard(listener)[-1] == ("stock", "[[7,4000,199]]")


def test_the_same_figures_again_are_not_sent_again(hub: Hub) -> None:
    listener = listen(hub)
    tell(hub, (7, 5000, 199), ticket=1)

    tell(hub, (7, 5000, 199), ticket=2)

    assert heard(listener) == [("resync", "{}"), ("stock", "[[7,5000,199]]")]


def test_a_listener_that_comes_back_gets_what_it_missed_and_nothing_twice(hub: Hub) -> None:
    first = listen(hub)
    tell(hub, (7, 5000, 199), ticket=1)
    last = last_id(first)
    hub.leave(first)
    tell(hub, (7, 4000, 199), ticket=2)
    tell(hub, (8, 1000, 50), ticket=3)

    back = listen(hub, last=last)

    assert heard(back) == [("stock", "[[7,4000,199]]"), ("stock", "[[8,1000,50]]")]


@pytest.mark.parametrize("last", ["nonsense", "0-1-1", "-", "9" * 40, "x-٣", ""])
def test_an_id_of_another_life_means_asking_for_everything(hub: Hub, last: str) -> None:
    listen(hub)
    tell(hub, (7, 5000, 199))

    assert heard(listen(hub, last=last)) == [("resync", "{}")]


def test_too_long_a_gap_means_asking_for_everything(hub: Hub) -> None:
    first = listen(hub)
    tell(hub, (7, 1000, 199), ticket=1)
    last = last_id(first)
    for number in range(2, RING + 3):
        tell(hub, (7, number * 1000, 199), ticket=number)

    assert heard(listen(hub, last=last)) == [("resync", "{}")]


def test_a_listener_that_does_not_read_is_dropped_and_the_others_hear_on(hub: Hub) -> None:
    slow, quick = listen(hub), listen(hub)
    for number in range(1, QUEUE + 1):
        tell(hub, (7, number * 1000, 199), ticket=number)
        heard(quick)

    tell(hub, (7, 0, 199), ticket=QUEUE + 1)

    assert (slow.is_dropped, slow.next(0)) == (True, b"")
    assert heard(quick) == [("stock", "[[7,0,199]]")]


def test_very_many_changes_at_once_become_the_order_to_ask(hub: Hub) -> None:
    listener = listen(hub)

    tell(hub, *((number, 1000, 100) for number in range(MOST_IN_A_FRAME + 1)))

    assert heard(listener) == [("resync", "{}"), ("resync", "{}")]


def test_without_redis_streams_end_and_none_opens(hub: Hub) -> None:
    listener = listen(hub)

    hub.lost()

    assert listener.is_dropped
    assert hub.join(1) is None


def test_lost_messages_end_every_stream_so_that_pages_ask_anew(hub: Hub) -> None:
    listener = listen(hub)
    tell(hub, (7, 5000, 199))
    last = last_id(listener)

    hub.take(Message(1, 2, (), follows_gap=True))

    assert listener.is_dropped
    assert heard(listen(hub, last=last)) == [("resync", "{}")]


def test_a_message_survives_the_way_through_redis() -> None:
    message = Message(3, 17, (Change(7, 5000, 199), Change(8, None, 50)), follows_gap=True)

    assert Message.decode(b"aisle:0:live:3", message.encode().encode()) == message


def test_a_pass_is_good_for_five_minutes_and_cannot_be_forged() -> None:
    with time_machine.travel(1_000_000, tick=False) as clock:
        token = passes.issue(SECRET, Pass(1, SHOP))

        assert passes.read(SECRET, token) == Pass(1, SHOP)
        assert passes.read("another-key-0123456789", token) is None
        clock.shift(passes.GOOD_FOR_S + 1)
        assert passes.read(SECRET, token) is None


def ask(hub: Hub, token: str, **environ: str) -> tuple[str, dict[str, str]]:
    """Status and headers of one request for a stream."""
    said: list[Any] = []
    request = {"PATH_INFO": "/events", "REQUEST_METHOD": "GET", "QUERY_STRING": f"token={token}"} | environ
    StreamServer(hub, SECRET)(request, lambda status, headers: said.extend([status, dict(headers)]))
    return said[0], said[1]


def test_the_shops_own_pages_may_listen_and_no_others(hub: Hub) -> None:
    token = passes.issue(SECRET, Pass(1, SHOP))

    status, headers = ask(hub, token, HTTP_ORIGIN=SHOP)

    assert (status, headers["Access-Control-Allow-Origin"]) == ("200 OK", SHOP)
    assert (headers["X-Accel-Buffering"], headers["Cache-Control"]) == ("no", "no-store")
    assert ask(hub, token, HTTP_ORIGIN="http://evil.example")[0] == "403 Forbidden"
    assert ask(hub, "forged")[0] == "401 Unauthorized"
    assert ask(hub, token, PATH_INFO="/elsewhere")[0] == "404 Not Found"
    assert ask(hub, token, REQUEST_METHOD="POST")[0] == "405 Method Not Allowed"


def test_a_stream_pings_while_nothing_happens_and_ends_when_it_is_dropped(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "PING_S", 0.01)
    token = passes.issue(SECRET, Pass(1, SHOP))
    environ = {"PATH_INFO": "/events", "REQUEST_METHOD": "GET", "QUERY_STRING": f"token={token}"}

    stream = iter(StreamServer(hub, SECRET)(environ, lambda *_: None))
    first, greeting, ping = next(stream), next(stream), next(stream)
    hub.lost()

    assert first.startswith(b"retry: ")
    assert b"event: resync" in greeting
    assert ping == b"event: ping\ndata: {}\n\n"
    assert list(stream) == []


def test_a_page_is_told_to_come_later_while_nothing_arrives(hub: Hub) -> None:
    hub.lost()

    status, headers = ask(hub, passes.issue(SECRET, Pass(1, SHOP)))

    assert (status, headers["Retry-After"]) == ("503 Service Unavailable", "10")


@pytest.mark.parametrize(
    ("request_", "status"),
    [({"PATH_INFO": "/healthz"}, 200), ({"PATH_INFO": "/events"}, 401), ({"PATH_INFO": "/"}, 404),
     ({"PATH_INFO": "/events", "REQUEST_METHOD": "POST"}, 405), ({"PATH_INFO": "/events", "token": "good"}, 200)],
)  # fmt: skip
def test_no_browser_may_take_an_answer_for_a_page(hub: Hub, request_: dict[str, str], status: int) -> None:
    said: list[Any] = []
    query = f"token={passes.issue(SECRET, Pass(1, SHOP))}" if "token" in request_ else ""
    environ = {"REQUEST_METHOD": "GET", "QUERY_STRING": query} | request_

    StreamServer(hub, SECRET)(environ, lambda status, headers: said.extend([status, dict(headers)]))

    assert said[0].startswith(str(status))
    assert said[1]["X-Content-Type-Options"] == "nosniff"
    assert said[1]["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
