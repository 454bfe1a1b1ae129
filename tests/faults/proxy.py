"""A TCP link that can be cut, frozen, slowed down, left half open, or made to swallow an answer."""

import contextlib
import socket
import threading
import time


class _Pair:
    """One connection through the proxy: the client's socket and the server's."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server
        self.is_silent = False
        self.swallows_answer = False
        self.is_meant = False

    def close(self) -> None:
        """Break both ends at once."""
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Proxy:
    """Forwards a loopback port of its own to `target_port`."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._delay = 0.0
        self._is_cut = False
        self._is_frozen = False
        self._trigger: bytes | None = None
        self._after = b""
        self._pairs: set[_Pair] = set()
        self._forgotten: list[_Pair] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self.swallowed = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection and turn new ones away."""
        self._is_cut = True
        self.break_connections()

    def break_connections(self) -> None:
        """Break every connection; new ones are served."""
        for pair in self._take():
            pair.close()

    def freeze(self) -> None:
        """Keep connections open, take new ones, pass nothing on; what comes waits for `heal`."""
        self._is_frozen = True

    def half_open(self) -> None:
        """Forget the connections there are without telling anybody; new ones are served."""
        for pair in self._take():
            pair.is_silent = True
            self._forgotten.append(pair)

    def slow_down(self, seconds: float) -> None:
        """Let every packet of the client wait."""
        self._delay = seconds

    def swallow_answer_to(self, sent: bytes, *, after: bytes) -> None:
        """Pass the next packet with `sent` on, drop its answer and break the connection; once.

        Only on a connection that has sent `after` since: other transactions end with the same packet.
        """
        self._after, self._trigger = after, sent

    def heal(self) -> None:
        """Forward again; what was cut or half open stays broken, as on a real network."""
        self._is_cut = self._is_frozen = False
        self._delay = 0.0
        self._trigger = None

    def close(self) -> None:
        """End the proxy."""
        self._is_cut = True
        self._listener.close()
        self.break_connections()
        for pair in self._forgotten:
            pair.close()

    def _take(self) -> list[_Pair]:
        with self._lock:
            taken, self._pairs = list(self._pairs), set()
        return taken

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = self._reach_server()
        if server is None:
            client.close()
            return
        for end in (client, server):
            end.settimeout(None)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pair = _Pair(client, server)
        with self._lock:
            self._pairs.add(pair)
            is_late = self._is_cut  # cut between the question above and here
        if is_late:
            pair.close()
        threading.Thread(target=self._pump, args=(pair, server, client), daemon=True).start()
        self._pump(pair, client, server)

    def _reach_server(self) -> socket.socket | None:
        if self._is_cut:
            return None
        try:
            return socket.create_connection(("127.0.0.1", self._target_port), timeout=5)
        except OSError:
            return None

    def _pump(self, pair: _Pair, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                self._pass_on(pair, data, sink)
        except OSError:
            pass
        if not pair.is_silent:  # the other end of a half-open connection is never told
            pair.close()
            with self._lock:
                self._pairs.discard(pair)

    def _pass_on(self, pair: _Pair, data: bytes, sink: socket.socket) -> None:
        while self._is_frozen and not pair.is_silent:
            time.sleep(0.02)
        is_question = sink is pair.server
        if is_question and self._delay:
            time.sleep(self._delay)
        if not is_question and pair.swallows_answer:
            self.swallowed += 1
            raise ConnectionResetError
        if is_question and self._trigger is not None:
            self._watch(pair, data, self._trigger)
        if not pair.is_silent:
            sink.sendall(data)

    def _watch(self, pair: _Pair, data: bytes, trigger: bytes) -> None:
        pair.is_meant = pair.is_meant or self._after in data
        if pair.is_meant and trigger in data:
            self._trigger, pair.swallows_answer = None, True
