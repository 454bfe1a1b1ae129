"""Printers without paper, for tests and demonstrations: one in memory, one behind a TCP port."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from app.devices.printer_paper import ASK_WHEN_DONE
from app.devices.receipt_printer import KICK, PrinterAway, PrinterDoubt
from app.devices.simulator import Simulator

ASK: bytes = b"\x10\x04"
READY = 0x12
OFFLINE = 0x1A
NO_PAPER = 0x72


@dataclass
class FakePrinter:
    """Keeps what it is sent; `trouble` is what it answers instead."""

    papers: list[bytes] = field(default_factory=list)
    kicks: int = 0
    trouble: PrinterAway | PrinterDoubt | None = None

    def send(self, content: bytes) -> None:
        """Keep `content`, or be in trouble."""
        if self.trouble is not None:
            raise self.trouble
        self.papers.append(content)

    def open_drawer(self) -> None:
        """Count, or be in trouble."""
        if self.trouble is not None:
            raise self.trouble
        self.kicks += 1


class PrinterServer(Simulator):
    """A printer in the network: takes one connection after the other and keeps what it would print.

    `talks`: answers questions about its state. `has_paper`: else it says so and prints nothing. `breaks_after`:
    hangs up after so many bytes of a receipt, as somebody who pulls the plug.
    """

    def __init__(self, port: int = 0, host: str = "127.0.0.1") -> None:
        self.talks, self.has_paper, self.breaks_after = True, True, -1
        self.papers: list[bytes] = []
        self.kicks = 0
        self.on_paper: Callable[[bytes], None] = self.papers.append
        super().__init__(port, host, one_at_a_time=True)

    def serve(self, visitor: socket.socket) -> None:
        """Print what comes, and say how it went."""
        paper = b""
        while chunk := _received(visitor):
            while chunk.startswith(ASK) and not paper:  # what follows may have come with it
                if self.talks:
                    visitor.sendall(bytes([self._state(chunk[2:3])]))
                chunk = chunk[3:]
            if chunk == KICK:
                self.kicks += 1
                continue
            paper += chunk
            if 0 <= self.breaks_after < len(paper):
                break
            if paper.endswith(ASK_WHEN_DONE):
                self.on_paper(paper)
                paper = b""
                if self.talks:
                    visitor.sendall(b"\x00")
        if paper:
            self.on_paper(paper)

    def _state(self, asked: bytes) -> int:
        if asked == b"\x04":
            return READY if self.has_paper else NO_PAPER
        return READY if self.has_paper else OFFLINE


def _received(visitor: socket.socket) -> bytes:
    try:
        return visitor.recv(65536)
    except OSError:
        return b""
