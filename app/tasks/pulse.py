"""Lets the loops of workers and of beat say that they turn (app/pulse.py tells who listens)."""

from typing import Any

from celery import bootsteps
from celery.beat import PersistentScheduler
from celery.signals import beat_init, celeryd_init

from app import pulse
from app.extensions import celery


class LoopTurns(bootsteps.StartStopStep):
    """A timer on the loop that takes messages from the broker and gives them to the children."""

    requires = ("celery.worker.consumer.connection:Connection",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        self._timer: Any = None
        super().__init__(consumer, **options)

    def start(self, consumer: Any) -> None:
        """Begin with every new connection."""
        pulse.turned()
        self._timer = consumer.timer.call_repeatedly(pulse.TURNS_S, pulse.turned)

    def stop(self, consumer: Any) -> None:
        """End with it."""
        if self._timer is not None:
            consumer.timer.cancel(self._timer)

    shutdown = stop


class Clock(PersistentScheduler):
    """Beat's scheduler, which says that it turns."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due."""
        pulse.turned()
        return float(super().tick(*args, **kwargs))


@celeryd_init.connect
@beat_init.connect
def _on_start(**_: Any) -> None:
    # A start that hangs is ended too, and for that its number must be known.
    pulse.turned()


celery.steps["consumer"].add(LoopTurns)
