"""The page's server: loopback only, a random token in every address, Host and Origin checked.

Requests come on many threads; the session works on one. A stranger's page in the same browser can
neither guess the token nor read an answer, and what it posts lacks the right Origin.
"""

from __future__ import annotations

import hmac
import json
import logging
import re
import secrets
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import parse_qs

from ..errors import DatasetError, UsageError
from .answers import answer, say
from .session import ReviewSession
from .thumbs import SIDES, Thumbs

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..project import Project

_log = logging.getLogger(__name__)
_MAX_BODY = 1_000_000
_SIZE = re.compile("[0-9]{1,9}")  # Python refuses to read a number of thousands of digits
_IDLE = 15  # seconds: a browser opens connections it may never use
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FILES = {
    "": ("page.html", "text/html; charset=utf-8"),
    "page.css": ("page.css", "text/css; charset=utf-8"),
    **{
        name: (name, "text/javascript; charset=utf-8")
        for name in ("page.js", "elements.js", "labels.js")
    },
}


class Review:
    """A running review page. Use as a context manager; `url` holds the token."""

    def __init__(self, project: Project, port: int = 0) -> None:
        self._session_thread = ThreadPoolExecutor(1, thread_name_prefix="session")
        self.ended = threading.Event()
        self.token = secrets.token_urlsafe(24)
        try:
            self._session = self._session_thread.submit(ReviewSession, project).result()
            self._server = _ReviewServer(("127.0.0.1", port), self)
        except OSError as error:
            self._session_thread.shutdown()
            raise UsageError(f"port {port}: cannot be listened on ({error.strerror})") from error
        except DatasetError:
            self._session_thread.shutdown()
            raise
        self._project = project
        self._thumbs = Thumbs()
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """The page's address, for the person's own browser only."""
        return f"http://127.0.0.1:{self.port}/{self.token}/"

    def in_session(self, work: Callable[[ReviewSession], Any]) -> Any:
        """Do something with the session on its own thread; what it raises is raised here."""
        return self._session_thread.submit(work, self._session).result()

    def picture(self, kind: str, name: str) -> bytes | None:
        """A picture's JPEG by `<sha256>.jpg`; None for what is not there."""
        sha = name.removesuffix(".jpg")
        path = self._session.shown_path(sha) or self.in_session(lambda session: session.path(sha))
        return self._thumbs.get(self._project.image(path), SIDES[kind]) if path else None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._session_thread.shutdown()
        self._thumbs.close()


def serve(project: Project, port: int = 0) -> Review:
    """A review page over a dataset, on `port` of the loopback (0: any free one).

    Raises UsageError where the port is taken or the folder holds no dataset.
    """
    return Review(project, port)


class _ReviewServer(ThreadingHTTPServer):
    daemon_threads = True  # an idle keep-alive connection does not hold up the end

    def __init__(self, address: tuple[str, int], review: Review) -> None:
        self.review = review
        super().__init__(address, _ReviewHandler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up (a page turned before its thumbs came) is no error.

        Nor is what it still asks for when the page ends: session and thumbs are gone by then.
        """
        if self.review.ended.is_set() or isinstance(sys.exception(), ConnectionError):
            return
        super().handle_error(request, client_address)


class _ReviewHandler(BaseHTTPRequestHandler):
    server: _ReviewServer
    protocol_version = "HTTP/1.1"
    timeout = _IDLE
    server_version = "pixset"
    sys_version = ""
    _kinds: ClassVar = tuple(f"{kind}/" for kind in SIDES)

    def do_GET(self) -> None:
        """Answer for the page, its files, its pictures and what it asks of the session."""
        rest = self._allowed()
        if rest is None:
            return
        path, _, query = rest.partition("?")
        if path in _FILES:
            name, kind = _FILES[path]
            if path == "":
                self._in_session(
                    ReviewSession.refresh
                )  # the page opens on the dataset as it is now
            self._send(
                HTTPStatus.OK, resources.files(__package__).joinpath(name).read_bytes(), kind
            )
        elif path.startswith(self._kinds):
            kind, _, name = path.partition("/")
            self._picture(kind, name)
        elif path.startswith("api/"):
            asked = {key: values[-1] for key, values in parse_qs(query).items()}
            self._json(lambda session: answer(session, path.removeprefix("api/"), asked))
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "no such page")

    def do_POST(self) -> None:
        """Take a person's word to the session."""
        rest = self._allowed()
        if rest is None:
            return
        origin = self.headers.get("Origin")
        if origin != f"http://{self.headers.get('Host')}":
            self._refuse(HTTPStatus.FORBIDDEN, "posted from another page")
            return
        size = self.headers.get("Content-Length", "")
        if rest != "api/say" or not _SIZE.fullmatch(size) or int(size) > _MAX_BODY:
            self._refuse(HTTPStatus.BAD_REQUEST, "not something to say")
            return
        try:
            request = json.loads(self.rfile.read(int(size)))
        except (ValueError, RecursionError):  # the latter: nested a thousand deep
            request = None
        if not isinstance(request, dict) or not self._is_json():
            self._refuse(HTTPStatus.BAD_REQUEST, "expected a JSON object")
            return
        self._json(lambda session: say(session, request))

    def _allowed(self) -> str | None:
        """What follows the token in the address; None where the request was refused."""
        # A name that a stranger's DNS leads to 127.0.0.1 comes with that name as Host.
        port = self.server.review.port
        if self.headers.get("Host") not in (f"127.0.0.1:{port}", f"localhost:{port}"):
            self._refuse(HTTPStatus.FORBIDDEN, "wrong host")
            return None
        _, token, rest = [*self.path.split("/", 2), "", ""][:3]
        if not hmac.compare_digest(token.encode(), self.server.review.token.encode()):
            self._refuse(HTTPStatus.FORBIDDEN, "wrong token: take the address that pixset printed")
            return None
        return rest

    def _is_json(self) -> bool:
        # A form of a stranger's page cannot send this type without asking first.
        return self.headers.get("Content-Type", "").split(";")[0] == "application/json"

    def _in_session(self, work: Callable[[ReviewSession], Any]) -> Any:
        return self.server.review.in_session(work)

    def _picture(self, kind: str, name: str) -> None:
        data = self.server.review.picture(kind, name)
        if data is None:
            self._refuse(HTTPStatus.NOT_FOUND, "no such picture")
        else:
            self._send(HTTPStatus.OK, data, "image/jpeg", "private, max-age=86400, immutable")

    def _json(self, work: Callable[[ReviewSession], dict[str, object]]) -> None:
        try:
            body, status = self._in_session(work), HTTPStatus.OK
        except UsageError as error:
            body, status = {"error": str(error)}, HTTPStatus.CONFLICT
        except DatasetError as error:
            body, status = {"error": str(error)}, HTTPStatus.INTERNAL_SERVER_ERROR
        self._send(status, json.dumps(body).encode(), "application/json")

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self.close_connection = True  # what the body holds is left unread
        self._send(status, json.dumps({"error": why}).encode(), "application/json")

    def _send(self, status: HTTPStatus, data: bytes, kind: str, cache: str = "no-store") -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(data)),
            "Cache-Control": cache,
            "Content-Security-Policy": _POLICY,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base's own name
        """Log for --debug; without the address, which holds the token."""
        _log.debug("review: %s", args[1] if len(args) > 1 else format)
