"""Real HTTP servers on loopback."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Site = TypeVar("Site", bound="Host")


class Host:
    """A site: each path is a function that answers with the request's handler in hand.

    `pages` is written by the test, `seen` holds (path, headers, client) of every request in
    order. A path that no page stands at goes to `otherwise`, which answers 404 unless replaced.
    """

    def __init__(self) -> None:
        self.pages: dict[str, Callable[[Any], None]] = {}
        self.otherwise: Callable[[Any], None] = answer(b"", status=404)
        self.seen: list[tuple[str, dict[str, str], Any]] = []
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                host.seen.append((self.path, dict(self.headers), self.client_address))
                host.pages.get(self.path.partition("?")[0], host.otherwise)(self)

            def log_message(self, *args: object) -> None:
                pass

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True  # the client hung up, as some tests want

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [path for path, _, _ in self.seen]

    def headers(self) -> dict[str, str]:
        """The headers of the last request, their names in lower case."""
        return {name.lower(): value for name, value in self.seen[-1][1].items()}

    def page(self, path: str, body: str | bytes, status: int = 200, **headers: str) -> str:
        """Put a page at a path and return its address; text goes out as UTF-8 HTML."""
        if isinstance(body, str):
            body, headers = body.encode(), {"Content-Type": "text/html; charset=utf-8"} | headers
        self.pages[path] = answer(body, status, **headers)
        return self.url + path


def answer(body: bytes, status: int = 200, **headers: str) -> Callable[[Any], None]:
    """An answer with these bytes; header names take `_` for `-`."""

    def give(handler: Any) -> None:
        handler.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in ({"Content-Length": str(len(body))} | named).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return give


@contextmanager
def serving(host: Site) -> Iterator[Site]:
    """Let a host answer until the block ends."""
    thread = threading.Thread(target=host.server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield host
    finally:
        host.server.shutdown()
        host.server.server_close()
        thread.join()
