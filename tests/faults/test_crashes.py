"""A process dies at the worst place: what was acknowledged is stored once and posted once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from sqlalchemy import select

from app.extensions import celery
from app.models.checkout import Sale
from app.unit_of_work import read_only
from tests.faults.harness import GOODS, FaultyShop, assert_sound, outcomes
from tests.servers import wait_until

BEFORE_COMMIT = "web.checkout_store.stored"
AFTER_COMMIT_BEFORE_PUBLISH = "web.after_commit.SalesCompleted"
AFTER_PUBLISH_BEFORE_REPLY = "web.unit_of_work.committed"


def test_a_web_process_killed_before_the_commit_has_stored_nothing(faulty: FaultyShop) -> None:
    basket = faulty.basket()
    faulty.arm(BEFORE_COMMIT, "crash")

    with pytest.raises(requests.ConnectionError):
        faulty.send(basket)
    stored = faulty.stored(basket["uuid"])
    again = faulty.send_until_answered(basket)

    assert (stored, again.status_code) == (0, 201)
    assert_sound(faulty)


@pytest.mark.parametrize("place", [AFTER_COMMIT_BEFORE_PUBLISH, AFTER_PUBLISH_BEFORE_REPLY])
def test_a_web_process_killed_after_the_commit_answers_the_repeat_with_the_first_sale(
    faulty: FaultyShop, place: str
) -> None:
    basket = faulty.basket()
    faulty.arm(place, "crash 0.1")

    with pytest.raises(requests.ConnectionError):
        faulty.send(basket)
    stored = faulty.stored(basket["uuid"])
    faulty.drain()  # by the nudge, or by the next sweep where it was never sent
    again = faulty.send_until_answered(basket)

    assert (stored, again.status_code) == (1, 200)
    assert_sound(faulty)


def test_a_lost_answer_to_the_commit_is_no_lost_sale(faulty: FaultyShop) -> None:
    basket, swallowed = faulty.basket(), faulty.web.database.swallowed
    faulty.web.database.swallow_answer_to(b"\x03COMMIT", after=b"INSERT INTO sales ")

    answer = faulty.send_until_answered(basket)

    assert faulty.web.database.swallowed == swallowed + 1
    assert (answer.status_code, faulty.stored(basket["uuid"])) == (200, 1)
    assert_sound(faulty)


def test_a_connection_cut_in_mid_transaction_takes_its_reservations_back(faulty: FaultyShop) -> None:
    basket = faulty.basket()
    plan = faulty.arm(BEFORE_COMMIT, "sleep 0.5")

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(faulty.send_until_answered, basket)
        wait_until(lambda: not plan.exists(), step=0.01)
        faulty.web.database.break_connections()

    assert answer.result().status_code == 201
    assert_sound(faulty)


@pytest.mark.parametrize(
    "place", ["stock.claimed", "ledger.movements_written", "stock.posted", "unit_of_work.committed"]
)
def test_a_worker_child_killed_at_any_point_of_a_batch_posts_it_once(faulty: FaultyShop, place: str) -> None:
    before = faulty.movements()
    plan = faulty.arm(f"worker.{place}", "crash")

    faulty.send_until_answered(faulty.basket())
    wait_until(lambda: not plan.exists())

    assert_sound(faulty)
    assert faulty.movements() == before + 2 * GOODS  # this sale and the one that assert_sound makes


def test_a_worker_that_fails_in_a_batch_leaves_it_to_the_next(faulty: FaultyShop) -> None:
    plan = faulty.arm("worker.ledger.movements_written", "raise")

    faulty.send_until_answered(faulty.basket())
    wait_until(lambda: not plan.exists())

    assert_sound(faulty)


def test_every_message_three_times_to_four_workers_posts_once(faulty: FaultyShop) -> None:
    open_tills = faulty.tills(count=6).open()

    with celery.connection_for_write(f"{faulty.valkey.url}/0") as connection:
        for _ in range(20):
            with faulty.database.app.app_context(), read_only() as session:
                ids = session.scalars(select(Sale.id).order_by(Sale.id.desc()).limit(20)).all()
            for sale_id in [*ids, *reversed(ids), *ids]:
                celery.send_task("stock.post_sales", args=([sale_id],), connection=connection, retry=False)
            time.sleep(0.05)
    faulty.note(open_tills.close())

    assert_sound(faulty)


def test_one_uuid_from_ten_tills_at_once_is_one_sale_and_one_receipt(faulty: FaultyShop) -> None:
    basket, gate = faulty.basket(), threading.Barrier(10)

    def send(_: int) -> requests.Response:
        gate.wait()
        return faulty.send_until_answered(basket)

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(send, range(10)))

    assert outcomes(answers) == [200] * 9 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert_sound(faulty)


def test_one_uuid_with_another_basket_is_a_conflict_and_the_first_is_kept(faulty: FaultyShop) -> None:
    basket = faulty.basket()
    faulty.send_until_answered(basket)

    answer = faulty.send_until_answered(faulty.basket(pieces=2, uuid=basket["uuid"]))

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "sale_uuid_conflict")
    assert_sound(faulty)
