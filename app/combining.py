"""Flat combining: whoever finds nobody at work does the work of all that wait.

A request alone is worked on at once, by its own thread. Requests that arrive meanwhile queue up; the first of
them then takes all that wait as one group. Nobody waits for company, and under load a group shares one
transaction, one commit and one nudge.

Source: Hendler, Incze, Shavit, Tzafrir, "Flat combining and the synchronization-parallelism tradeoff" (SPAA 2010);
the same idea as group commit in databases.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, Generic, TypeVar

Request = TypeVar("Request")
Outcome = TypeVar("Outcome")
GROUP_LIMIT: Final = 32


class LeaderLost(Exception):
    """The thread that worked for the group was ended; whether the work was done is not known."""


class _Seat(Generic[Request, Outcome]):
    """One waiting request; `is_leader` when it is woken to work instead of with its outcome.

    The seats of a group wake each other in turn, `next` after next: threads woken all at once would only fight
    for the interpreter, at two context switches more for each.
    """

    __slots__ = ("_closed", "error", "is_leader", "next", "outcome", "request")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.outcome: Outcome | None = None
        self.error: Exception | None = None
        self.is_leader = False
        self.next: _Seat[Request, Outcome] | None = None
        self._closed = threading.Lock()  # closed until somebody wakes this seat, once: half the price of an Event
        self._closed.acquire()

    def wait(self) -> None:
        """Sleep until woken."""
        self._closed.acquire()

    def wake(self) -> None:
        """Let the waiting thread go on; once."""
        self._closed.release()

    def wake_next(self) -> None:
        """Let the group's next thread go on, if there is one."""
        if self.next is not None:
            self.next.wake()


def _fail(group: "Sequence[_Seat[Request, Outcome]]", error: Exception) -> None:
    for seat in group:
        seat.error = error


class Combiner(Generic[Request, Outcome]):
    """Runs `work` on groups of requests, one group at a time, in the order they came.

    `work` takes a group and gives one outcome per request, in order. When it raises for a group of several, each
    request is tried alone, so that one bad request harms nobody else; an error of the kinds in `for_all` concerns
    everybody (the database is away) and is not tried again.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Request]], Sequence[Outcome]],
        *,
        limit: int = GROUP_LIMIT,
        for_all: tuple[type[Exception], ...] = (),
    ) -> None:
        self._work = work
        self._limit = limit
        self._for_all = for_all
        self._lock = threading.Lock()
        self._waiting: deque[_Seat[Request, Outcome]] = deque()
        self._has_leader = False

    def submit(self, request: Request) -> Outcome:
        """The outcome of `request`; returns when its group is done.

        Raises:
            LeaderLost: ask again.
        Exception: what `work` raised for this request alone, or for everybody.
        """
        seat: _Seat[Request, Outcome] = _Seat(request)
        if not self._lead_or_queue(seat):
            seat.wait()
        if seat.is_leader:
            self._lead()
        else:
            seat.wake_next()
        if seat.error is not None:
            raise seat.error
        return seat.outcome  # type: ignore[return-value]  # set by the leader unless there is an error

    def _lead_or_queue(self, seat: _Seat[Request, Outcome]) -> bool:
        with self._lock:
            self._waiting.append(seat)
            seat.is_leader = not self._has_leader
            self._has_leader = True
            return seat.is_leader

    def _lead(self) -> None:
        """Work for one group, of which the own request is the first; then hand over to the next in line."""
        with self._lock:
            group = [self._waiting.popleft() for _ in range(min(self._limit, len(self._waiting)))]
        for seat, following in pairwise(group):
            seat.next = following
        try:
            self._serve(group)
        finally:
            self._hand_over()
            group[0].wake_next()

    def _serve(self, group: Sequence[_Seat[Request, Outcome]]) -> None:
        try:
            outcomes = self._work([seat.request for seat in group])
        except Exception as error:
            if len(group) == 1 or isinstance(error, self._for_all):
                _fail(group, error)
            else:
                self._serve_each(group)
        except BaseException:
            # The leader's thread is being ended: the others must not wait for ever.
            _fail(group, LeaderLost())
            raise
        else:
            for seat, outcome in zip(group, outcomes, strict=True):
                seat.outcome = outcome

    def _serve_each(self, group: Sequence[_Seat[Request, Outcome]]) -> None:
        _fail(group, LeaderLost())  # what those hear who have not had their turn when the thread is ended
        for seat in group:
            seat.error = None
            self._serve([seat])

    def _hand_over(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting[0].is_leader = True
                self._waiting[0].wake()
            else:
                self._has_leader = False
