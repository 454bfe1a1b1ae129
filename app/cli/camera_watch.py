"""What `flask camera watch` does: pictures in, scans of one till out."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.devices.barcode_reader import FrameReader
from app.devices.camera import Belt, Camera, CameraLost, Passing
from app.live import scans
from app.live.scans import TillScan

PATIENCE_S: Final = 1.0
"""What handing on one scan may take."""
REOPEN_S: Final = 2.0


class Post(Protocol):
    """Who brings scans to a till."""

    till: str

    def deliver(self, passing: Passing) -> str | None:
        """None when the till's page has it, else why not."""
        ...


@dataclass(slots=True)
class TillPost:
    """Brings scans over Redis to the page of one till."""

    client: "redis.Redis"
    store_id: int
    till: str

    def deliver(self, passing: Passing) -> str | None:
        """See `Post`."""
        scan = TillScan(self.store_id, self.till, passing.id, passing.code)
        try:
            seats = scans.send(self.client, scan, PATIENCE_S)
        except redis.RedisError:
            return "Redis does not answer"
        if seats is None:
            return "the event streams do not answer"
        if seats == 0:
            return f"nobody has till {self.till} open"
        return None if seats == 1 else f"{seats} computers call themselves till {self.till}: give each its own name"


@dataclass(slots=True)
class Watch:
    """One camera and its till. What it says is said once, not every second."""

    post: Post
    name: str
    say: Callable[[str], None]
    clock: Callable[[], float]
    belt: Belt = field(default_factory=Belt)
    last_trouble: str | None = None
    lost: str | None = None

    def run(self, camera: Camera) -> None:
        """Look at every picture until there are no more."""
        reader = FrameReader(clock=self.clock)
        for number, frame in enumerate(camera.frames()):
            if number == 0:
                self.lost = None
                self.say(f"{self.name}: watching for till {self.post.till}")
            for passing in self.belt.look(frame, reader.read(frame), self.clock()):
                self._hand_on(passing)

    def lose(self, reason: str) -> None:
        """The camera is gone for now."""
        if reason != self.lost:
            self.say(f"{self.name}: {reason} Trying again.")
        self.lost = reason

    def _hand_on(self, passing: Passing) -> None:
        trouble = self.post.deliver(passing)
        if trouble is None:
            self.belt.take(passing)
            self.say(f"{self.name}: {passing.code} to till {self.post.till}")
        else:
            self.belt.refuse(passing, self.clock())
            if trouble != self.last_trouble:
                self.say(f"{self.name}: {passing.code} waits: {trouble}")
        self.last_trouble = trouble


def watch(
    camera: Camera,
    post: Post,
    *,
    name: str,
    say: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Watch for ever; a camera that is lost is opened again as soon as it can be. Returns at the end of a video."""
    watching = Watch(post, name, say, clock)
    while True:
        try:
            watching.run(camera)
        except CameraLost as error:
            watching.lose(str(error))
            sleep(REOPEN_S)
        else:
            say(f"{name}: the video has ended")
            return


def client_of(redis_url: str) -> "redis.Redis":
    """A connection that says soon when Redis is away."""
    return redis.Redis.from_url(
        redis_url, socket_timeout=PATIENCE_S + 1, socket_connect_timeout=PATIENCE_S, retry=Retry(NoBackoff(), 0)
    )
