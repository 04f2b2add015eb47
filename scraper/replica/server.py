"""The HTTP server under the replica: threads, kept connections, and no word on the terminal."""

from __future__ import annotations

import contextlib
import logging
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from ..engines.parsing.values import whole_number
from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message

    from .messages import Response

    Answering = Callable[[str, str, Message, str], Response]

log = logging.getLogger(__name__)


class ReplicaServer(ThreadingHTTPServer):
    """Listens on 127.0.0.1 at once; raises UsageError where that is impossible."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, answering: Answering) -> None:
        self.answering = answering
        self._open: set[socket.socket] = set()
        try:
            super().__init__(("127.0.0.1", port), ReplicaHandler)
        except (OSError, OverflowError) as error:
            raise UsageError(f"cannot listen on 127.0.0.1:{port}: {error}; try --port 0") from error

    def process_request(self, request: Any, client_address: Any) -> None:
        """Note the connection: it is kept for further requests."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Stop listening, and cut the connections that are open."""
        super().server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):  # it ended meanwhile
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base's
        """A browser that leaves in the middle is no error; anything else is logged."""
        error = sys.exception()
        if not isinstance(error, OSError):
            log.error("a request from %s failed", client_address, exc_info=error)


class ReplicaHandler(BaseHTTPRequestHandler):
    """One connection: hands each request on, and writes the answer."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a GET."""
        self._answer("")

    def do_POST(self) -> None:
        """Answer a POST; a body of 100,000 bytes is read at most."""
        length = min(whole_number(self.headers.get("Content-Length", ""), 0), 100_000)
        self._answer(self.rfile.read(length).decode("utf-8", "replace"))

    def _answer(self, body: str) -> None:
        server: ReplicaServer = self.server  # type: ignore[assignment]  # ours makes no other
        response = server.answering(self.command, self.path, self.headers, body)
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in response.headers:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)
        if response.cut:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Requests go to the log, not to the terminal."""
        log.debug(format, *args)
