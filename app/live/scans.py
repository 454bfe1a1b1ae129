"""Codes that a camera over the belt reads for one till: over Redis to the process of streams, and its answer back."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final

import redis

from app.live.changes import prefix

ANSWER_S: Final = 10
"""How long an answer is kept for whoever asked."""
NAME: Final = r"[A-Za-z0-9_-]{1,16}"
_NUMBER: Final = re.compile(r"0*(\d+)")


def till_key(name: str) -> str:
    """How a till is addressed: `1`, `01`, `t1` and `T1` are one till."""
    number = _NUMBER.fullmatch(name.upper().removeprefix("T"))
    return f"T{number[1]}" if number else name.upper()


@dataclass(frozen=True, slots=True)
class TillScan:
    """One read for the page of one till; the page takes an `id` once, however often it comes."""

    store_id: int
    till: str
    id: str
    code: str

    def encode(self) -> str:
        """The scan as text for Redis."""
        return json.dumps({"till": self.till, "id": self.id, "code": self.code}, separators=(",", ":"))

    @classmethod
    def decode(cls, channel: bytes, text: bytes) -> "TillScan":
        """The scan that came on `channel`; ValueError, KeyError or TypeError when it is none of ours."""
        body: dict[str, Any] = json.loads(text)
        return cls(int(channel.rpartition(b":")[2]), str(body["till"]), str(body["id"]), str(body["code"]))

    def frame(self) -> bytes:
        """The event for the page. It has no number: a stream that begins again must not repeat it."""
        data = json.dumps({"id": self.id, "code": self.code}, separators=(",", ":"))
        return f"event: scan\ndata: {data}\n\n".encode()


def pattern(client: "redis.Redis") -> str:
    """What to subscribe to for the tills of every store."""
    return f"{prefix(client, 'till')}*"


def is_scan(client: "redis.Redis", channel: bytes) -> bool:
    """Whether a message on this channel is a scan."""
    return channel.decode().startswith(prefix(client, "till"))


def send(client: "redis.Redis", scan: TillScan, patience_s: float) -> int | None:
    """Send a scan to its till: the number of computers that show this till, taken by the page only when it is 1.

    None when the process of streams did not answer in time: send the same scan again.
    """
    client.publish(f"{prefix(client, 'till')}{scan.store_id}", scan.encode())
    found: Any = client.blpop([_answer_key(client, scan)], timeout=patience_s)
    return int(found[1]) if found else None


def answer(client: "redis.Redis", scan: TillScan, seats: int) -> None:
    """Tell the sender how many computers show the till."""
    key = _answer_key(client, scan)
    with client.pipeline() as pipe:
        pipe.rpush(key, seats)
        pipe.expire(key, ANSWER_S)
        pipe.execute()


def _answer_key(client: "redis.Redis", scan: TillScan) -> str:
    return f"{prefix(client, 'till-answer')}{scan.id}"
