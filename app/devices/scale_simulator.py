"""A scale that stands nowhere: speaks the 8217 protocol on a TCP port, for demonstrations and tests."""

import socket
from typing import Final

from app.devices.scale import ASK_WEIGHT, BELOW_ZERO, CR, MOVES, NOT_ZEROED, STX, TOO_HEAVY
from app.devices.simulator import Simulator

ALWAYS_ONE: Final = 0x40
STATES: Final = {"moving": MOVES, "overload": TOO_HEAVY, "negative": BELOW_ZERO, "not_zeroed": NOT_ZEROED}


class ScaleSimulator(Simulator):
    """Answers `W` with `grams`, or with a state of `STATES` in `state`; `silent` answers nothing."""

    def __init__(self, port: int = 0, *, grams: int = 0, host: str = "127.0.0.1") -> None:
        self.grams, self.state = grams, ""
        super().__init__(port, host, one_at_a_time=False)

    @property
    def address(self) -> str:
        """Where a till finds it."""
        return f"socket://127.0.0.1:{self.port}"

    def answer(self) -> bytes:
        """What the scale says now."""
        if self.state == "silent":
            return b""
        if self.state:
            return STX + b"?" + bytes([ALWAYS_ONE | STATES[self.state]]) + CR
        return STX + f"{self.grams // 1000:02d}.{self.grams % 1000:03d}".encode() + CR

    def serve(self, visitor: socket.socket) -> None:
        """Weigh as often as asked."""
        while asked := visitor.recv(16):
            if ASK_WEIGHT in asked:
                visitor.sendall(self.answer())
