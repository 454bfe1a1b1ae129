"""A device that stands nowhere: a server on a TCP port of this machine, for demonstrations and tests."""

import socket
import socketserver
import threading
from types import TracebackType
from typing import Self


class Simulator:
    """Answers visitors until told to stop; with `with` in a thread of its own. `one_at_a_time`: the others wait."""

    def __init__(self, port: int, host: str, *, one_at_a_time: bool) -> None:
        kind = socketserver.TCPServer if one_at_a_time else socketserver.ThreadingTCPServer
        self._server = kind((host, port), self._visit(), bind_and_activate=False)
        self._server.allow_reuse_address = True
        if isinstance(self._server, socketserver.ThreadingTCPServer):
            self._server.daemon_threads = True
        self._server.server_bind()
        self._server.server_activate()
        self.port: int = self._server.server_address[1]

    def serve(self, visitor: socket.socket) -> None:
        """Everything between a visitor's first byte and the last."""
        raise NotImplementedError

    def run(self) -> None:
        """Work until told to stop."""
        self._server.serve_forever(poll_interval=0.02)

    def __enter__(self) -> Self:
        threading.Thread(target=self.run, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _visit(self) -> type[socketserver.BaseRequestHandler]:
        device = self

        class Visit(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                device.serve(self.request)

        return Visit
