"""Requests that wait are worked on together; alone nobody waits."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.combining import Combiner, LeaderLost


class Doubler:
    """Doubles numbers; `hold` keeps the first group at work until the test lets it go."""

    def __init__(self, *, held: bool = False) -> None:
        self.groups: list[list[int]] = []
        self.began = threading.Event()
        self.hold = threading.Event()
        if not held:
            self.hold.set()

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.groups.append(list(numbers))
        self.began.set()
        assert self.hold.wait(60)
        if 13 in numbers:
            raise ValueError(f"13 in {len(numbers)}")
        return [number * 2 for number in numbers]


def waiting(combiner: Combiner[int, int]) -> int:
    return len(combiner._waiting)


def submit_behind_a_busy_leader(work: Doubler, numbers: Sequence[int], *, limit: int = 32) -> list[object]:
    """Outcomes (or errors) of `numbers`, submitted in order while a first request, 0, is being worked on."""
    combiner: Combiner[int, int] = Combiner(work, limit=limit)
    with ThreadPoolExecutor(len(numbers) + 1) as pool:
        first = pool.submit(combiner.submit, 0)
        assert work.began.wait(60)
        futures = []
        for place, number in enumerate(numbers, start=1):
            futures.append(pool.submit(combiner.submit, number))
            while waiting(combiner) < place:
                pass
        work.hold.set()
        assert first.result(60) == 0
        return [future.exception(60) or future.result() for future in futures]


def test_a_request_alone_is_worked_on_at_once() -> None:
    work = Doubler()

    outcome = Combiner(work).submit(4)

    assert (outcome, work.groups) == (8, [[4]])


def test_what_waits_is_one_group_in_the_order_it_came() -> None:
    work = Doubler(held=True)

    outcomes = submit_behind_a_busy_leader(work, [1, 2, 3])

    assert outcomes == [2, 4, 6]
    assert work.groups == [[0], [1, 2, 3]]


def test_a_group_has_a_limit_and_the_rest_keep_their_turn() -> None:
    work = Doubler(held=True)

    outcomes = submit_behind_a_busy_leader(work, [1, 2, 3, 4, 5], limit=2)

    assert outcomes == [2, 4, 6, 8, 10]
    assert work.groups == [[0], [1, 2], [3, 4], [5]]


def test_a_group_that_fails_is_tried_one_by_one() -> None:
    work = Doubler(held=True)

    good, bad, other = submit_behind_a_busy_leader(work, [1, 13, 2])

    assert (good, other) == (2, 4)
    assert isinstance(bad, ValueError)
    assert str(bad) == "13 in 1"


def test_an_error_for_everybody_is_not_tried_again() -> None:
    class Away(Exception):
        pass

    began, hold = threading.Event(), threading.Event()
    groups: list[int] = []

    def work(numbers: Sequence[int]) -> list[int]:
        groups.append(len(numbers))
        began.set()
        assert hold.wait(60)
        if len(groups) > 1:
            raise Away
        return list(numbers)

    combiner: Combiner[int, int] = Combiner(work, for_all=(Away,))
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(combiner.submit, 0)
        assert began.wait(60)
        rest = [pool.submit(combiner.submit, number) for number in (1, 2, 3)]
        while waiting(combiner) < 3:
            pass
        hold.set()
        errors = [future.exception(60) for future in rest]

    assert first.result(60) == 0
    assert [type(error) for error in errors] == [Away, Away, Away]
    assert groups == [1, 3]


def test_after_a_failure_the_next_request_is_served() -> None:
    work = Doubler()
    combiner: Combiner[int, int] = Combiner(work)
    with pytest.raises(ValueError, match="13 in 1"):
        combiner.submit(13)

    outcome = combiner.submit(5)

    assert outcome == 10


def test_a_leader_whose_thread_is_ended_leaves_nobody_waiting() -> None:
    class Ended(BaseException):
        pass

    calls: list[int] = []

    def work(numbers: Sequence[int]) -> list[int]:
        calls.append(len(numbers))
        if len(calls) == 1:
            raise Ended
        return list(numbers)

    combiner: Combiner[int, int] = Combiner(work)
    with pytest.raises(Ended):
        combiner.submit(1)

    assert combiner.submit(2) == 2


def test_a_leader_that_is_ended_between_two_tries_tells_those_who_had_no_turn() -> None:
    class Ended(BaseException):
        pass

    doubler = Doubler(held=True)

    def work(numbers: Sequence[int]) -> list[int]:
        if numbers == [2]:
            raise Ended
        return doubler(numbers)

    combiner: Combiner[int, int] = Combiner(work)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(combiner.submit, 0)
        assert doubler.began.wait(60)
        rest = []
        for place, number in enumerate((13, 2, 3), start=1):
            rest.append(pool.submit(combiner.submit, number))
            while waiting(combiner) < place:
                pass
        doubler.hold.set()
        errors = [type(future.exception(60)) for future in rest]

    assert first.result(60) == 0
    assert errors == [Ended, LeaderLost, LeaderLost]


def test_under_load_everybody_gets_their_own_outcome() -> None:
    work = Doubler()
    combiner: Combiner[int, int] = Combiner(work, limit=8)

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(combiner.submit, range(100, 1100)))

    assert outcomes == [number * 2 for number in range(100, 1100)]
    assert sum(len(group) for group in work.groups) == 1000
    assert max(len(group) for group in work.groups) <= 8
