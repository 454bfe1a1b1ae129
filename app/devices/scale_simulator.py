"""A scale that stands nowhere: speaks the 8217 protocol on a TCP port, for demonstrations and tests."""

import socketserver
import threading
from types import TracebackType
from typing import Final, Self

from app.devices.scale import ASK_WEIGHT, BELOW_ZERO, CR, MOVES, NOT_ZEROED, STX, TOO_HEAVY

ALWAYS_ONE: Final = 0x40
STATES: Final = {"moving": MOVES, "overload": TOO_HEAVY, "negative": BELOW_ZERO, "not_zeroed": NOT_ZEROED}


class ScaleSimulator:
    """Answers `W` with `grams`, or with a state of `STATES` in `state`; `silent` answers nothing."""

    def __init__(self, port: int = 0, *, grams: int = 0, host: str = "127.0.0.1") -> None:
        self.grams, self.state = grams, ""
        self._server = socketserver.ThreadingTCPServer((host, port), self._handler(), bind_and_activate=False)
        self._server.allow_reuse_address = self._server.daemon_threads = True
        self._server.server_bind()
        self._server.server_activate()
        self.port: int = self._server.server_address[1]

    @property
    def address(self) -> str:
        """Where a till finds it."""
        return f"socket://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.run, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def run(self) -> None:
        """Weigh until told to stop."""
        self._server.serve_forever(poll_interval=0.02)

    def answer(self) -> bytes:
        """What the scale says now."""
        if self.state == "silent":
            return b""
        if self.state:
            return STX + b"?" + bytes([ALWAYS_ONE | STATES[self.state]]) + CR
        return STX + f"{self.grams // 1000:02d}.{self.grams % 1000:03d}".encode() + CR

    def _handler(self) -> type[socketserver.BaseRequestHandler]:
        scale = self

        class Visit(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                while asked := self.request.recv(16):
                    if ASK_WEIGHT in asked:
                        self.request.sendall(scale.answer())

        return Visit
