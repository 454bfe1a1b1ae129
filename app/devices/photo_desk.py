"""Photos handed to a child process, one at a time: a till never waits for a picture, and no picture harms the shop."""

import atexit
import json
import os
import select
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any, Final

from app.devices.photo_child import LENGTH, send

MOST_WAITING: Final = 4
PATIENCE_S: Final = 4.0
"""For one photo; a decoder that hangs is ended."""
START_S: Final = 30.0
"""For the start of the child: a second, on a machine with nothing else to do."""


class DeskBusy(Exception):
    """Enough photos wait already: send this one again in a moment."""


class DecoderFailed(Exception):
    """The child ended or hung over this photo."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the child says: why the photo is refused, or its reads as plain values and hints when there are none."""

    refused: str | None
    reads: tuple[dict[str, Any], ...]
    hints: tuple[str, ...]


class PhotoDesk:
    """One child process, started with the first photo, and a short queue before it."""

    def __init__(
        self,
        *,
        most_waiting: int = MOST_WAITING,
        patience_s: float = PATIENCE_S,
        start_s: float = START_S,
        module: str = "app.devices.photo_child",
    ) -> None:
        self._places = threading.BoundedSemaphore(most_waiting)
        self._patience_s = patience_s
        self._start_s = start_s
        self._module = module
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def read(self, content: bytes) -> Decoded:
        """What stands in the photo.

        Raises:
            DeskBusy: too many wait, or this one waited too long.
            DecoderFailed: the photo ended the decoder; the next one gets another.
        """
        if not self._places.acquire(blocking=False):
            raise DeskBusy
        try:
            if not self._lock.acquire(timeout=self._patience_s if self._child is not None else self._start_s):
                raise DeskBusy
            try:
                return self._ask(content)
            finally:
                self._lock.release()
        finally:
            self._places.release()

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    stream.close()

    def _ask(self, content: bytes) -> Decoded:
        try:
            child = self._running()
            assert child.stdin is not None
            send(child.stdin, content)  # type: ignore[arg-type]
            answer = json.loads(self._message(child, self._patience_s))
        except (OSError, TimeoutError) as problem:
            self.close()
            raise DecoderFailed(str(problem)) from problem
        return Decoded(answer.get("refused"), tuple(answer.get("reads", ())), tuple(answer.get("hints", ())))

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._child is None:
            # One thread each: the cores are the tills'.
            alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
            self._child = subprocess.Popen(
                [sys.executable, "-m", self._module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | alone,
            )
            self._message(self._child, self._start_s)  # that it is ready
        return self._child

    def _message(self, child: "subprocess.Popen[bytes]", patience_s: float) -> bytes:
        deadline = time.monotonic() + patience_s
        length: int = LENGTH.unpack(self._receive(child, LENGTH.size, deadline))[0]
        return self._receive(child, length, deadline)

    @staticmethod
    def _receive(child: "subprocess.Popen[bytes]", count: int, deadline: float) -> bytes:
        assert child.stdout is not None
        pieces, missing = [], count
        while missing:
            ready, _, _ = select.select([child.stdout], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError("no answer in time")
            piece = os.read(child.stdout.fileno(), missing)
            if not piece:
                raise OSError("the decoder ended")
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)
