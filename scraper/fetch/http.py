"""One URL on its way: redirects, retries, caps, and the body read against the clock."""

from __future__ import annotations

import os
import re
import threading
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from time import time
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import requests
from requests.utils import get_environ_proxies, requote_uri

from ..errors import FetchFailed
from .failures import AGENT, hung_up, judge, opted_out, status_failure
from .formats import sniff
from .guard import GuardedAdapter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .guard import Watch

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "User-Agent": f"Mozilla/5.0 (compatible; {AGENT}; image dataset toolkit)",
        "Accept": "image/jpeg,image/png,image/webp,image/*;q=0.8,*/*;q=0.5",
        "Accept-Encoding": "gzip, deflate",
    }
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({429, 503})
_BLOCK = 65_536


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much one fetch may take; seconds and bytes. `deadline` covers redirects and retries."""

    max_bytes: int = 50_000_000
    max_redirects: int = 5
    deadline: float = 30.0
    connect_timeout: float = 10.0
    read_timeout: float = 15.0
    max_tries: int = 3
    allow_private: bool = False
    honour_robots_tag: bool = True
    workers: int = 16
    per_host: int = 4


@dataclass(frozen=True, slots=True)
class Fetched:
    """A picture's bytes as they came, and what its host said of them."""

    url: str
    final_url: str
    data: bytes
    extension: str
    content_type: str | None = None
    status: int | None = None
    x_robots_tag: str | None = None
    etag: str | None = None
    last_modified: str | None = None


def open_session(limits: FetchLimits) -> requests.Session:
    """A session whose connections are reused, guarded, and keep no cookies; close it after use."""
    session = requests.Session()
    session.trust_env = False  # no .netrc password goes to a stranger; proxies: see _proxies
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update(HEADERS)
    session.verify = (
        os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    )
    for scheme in ("http://", "https://"):
        session.mount(scheme, GuardedAdapter(allow_private=limits.allow_private))
    return session


class Attempt:
    """The outside's hand on fetches of one thread: stop them, and hear of a host's wish to wait."""

    def __init__(
        self, on_wait: Callable[[str, float], None] = lambda _host, _seconds: None
    ) -> None:
        self.stopped = threading.Event()
        self.on_wait = on_wait
        self._watch: Watch | None = None

    def begin(self, watch: Watch) -> None:
        """A fetch starts under this watch."""
        self._watch = watch
        if self.stopped.is_set():
            watch.cut()

    def end(self) -> None:
        """The fetch is over."""
        self._watch = None

    def stop(self) -> None:
        """End the fetch that is under way, and every later one, with reason `stopped`."""
        self.stopped.set()
        watch = self._watch
        if watch is not None:
            watch.cut()


class Transfer:
    """One URL on its way: redirects followed by hand, so that each hop is judged."""

    def __init__(
        self,
        url: str,
        referer: str | None,
        limits: FetchLimits,
        session: requests.Session,
        watch: Watch,
        attempt: Attempt,
    ) -> None:
        self._url = url
        self._limits = limits
        self._session = session
        self._watch = watch
        self._attempt = attempt
        self._headers = _referer(referer)
        self._tries = 0

    def run(self) -> Fetched:
        """The picture; raises FetchFailed, or what requests and the socket raise."""
        here = self._url.strip()
        seen: set[str] = set()
        while True:
            judge(here, allow_private=self._limits.allow_private)
            if here in seen or len(seen) > self._limits.max_redirects:
                raise FetchFailed("too-many-redirects", f"{len(seen)} hops, last {here}")
            seen.add(here)
            with self._get(here) as response:
                location = response.headers.get("Location")
                if response.status_code not in _REDIRECTS or not location:
                    return self._read(response, here)
                here = urljoin(here, _as_utf8(location)).partition("#")[0]

    def _get(self, url: str) -> requests.Response:
        """An answer that is not `try again later`, asked for as often as manners and time allow."""
        while True:
            self._tries += 1
            timeout = (
                max(0.001, min(self._limits.connect_timeout, self._watch.left())),
                max(0.001, min(self._limits.read_timeout, self._watch.left())),
            )
            try:
                response = self._session.get(
                    url,
                    headers=self._headers,
                    timeout=timeout,
                    allow_redirects=False,
                    stream=True,
                    proxies=_proxies(url),
                )
            except requests.ConnectionError as error:
                if not hung_up(error) or not self._may_wait(url, self._backoff()):
                    raise
                continue
            if response.status_code not in _BUSY:
                return response
            response.close()
            wait = _retry_after(response.headers.get("Retry-After"))
            if wait is not None:
                self._attempt.on_wait(urlsplit(url).netloc, wait)
            if not self._may_wait(url, self._backoff() if wait is None else wait):
                raise status_failure(response.status_code)

    def _backoff(self) -> float:
        return 0.5 * 2.0 ** (self._tries - 1)

    def _may_wait(self, url: str, seconds: float) -> bool:
        if self._tries >= self._limits.max_tries or seconds >= self._watch.left():
            return False
        if self._attempt.stopped.wait(seconds):
            raise FetchFailed("stopped", url)
        return True

    def _read(self, response: requests.Response, here: str) -> Fetched:
        if not 200 <= response.status_code < 300:
            raise status_failure(response.status_code)
        tags = response.raw.headers.getlist("X-Robots-Tag")
        if self._limits.honour_robots_tag and opted_out(tags):
            raise FetchFailed("opted-out", ", ".join(tags), response.status_code)
        data = self._body(response)
        headers = response.headers
        return Fetched(
            url=self._url,
            final_url=here,
            data=data,
            extension=extension_of(data, headers.get("Content-Type")),
            content_type=headers.get("Content-Type"),
            status=response.status_code,
            x_robots_tag=", ".join(tags) or None,
            etag=headers.get("ETag"),
            last_modified=headers.get("Last-Modified"),
        )

    def _body(self, response: requests.Response) -> bytes:
        announced = _announced(response)
        if announced is not None and announced > self._limits.max_bytes:
            raise FetchFailed("too-large", f"{announced} bytes announced", response.status_code)
        parts: list[bytes] = []
        size = 0
        # read1 returns what one look at the socket brings; read would wait for a full block
        while block := response.raw.read1(_BLOCK, decode_content=True):
            size += len(block)
            if size > self._limits.max_bytes:
                raise FetchFailed("too-large", f"over {self._limits.max_bytes} bytes")
            parts.append(block)
            if self._watch.expired or self._attempt.stopped.is_set():
                raise requests.ReadTimeout
        if self._watch.expired or self._attempt.stopped.is_set():
            raise requests.ReadTimeout  # the cut looks like an orderly end
        if announced is not None and response.raw.tell() < announced:
            raise FetchFailed("truncated", f"{response.raw.tell()} of {announced} bytes")
        if not size:
            raise FetchFailed("empty", f"status {response.status_code}", response.status_code)
        return b"".join(parts)


def _announced(response: requests.Response) -> int | None:
    if response.headers.get("Transfer-Encoding"):
        return None
    length = response.headers.get("Content-Length", "")
    return int(length) if re.fullmatch(r"[0-9]{1,15}", length) else None


def _referer(page: str | None) -> dict[str, str]:
    if page is None or not page.lower().startswith(("http://", "https://")):
        return {}
    return {"Referer": requote_uri(page.partition("#")[0].strip())}


def _as_utf8(location: str) -> str:
    """Header bytes come as Latin-1; hosts that do not quote a path mean UTF-8."""
    try:
        return location.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return location


def _proxies(url: str) -> dict[str, str]:
    """The environment's proxies, but never for this machine itself."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.startswith("127.") or host == "::1":
        return {}
    return dict(get_environ_proxies(url))


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait as a host asks for, in either of the header's two forms."""
    if value is None:
        return None
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except ValueError:
        return None


def extension_of(data: bytes, content_type: str | None) -> str:
    """The extension by signature; raises FetchFailed `not-an-image`."""
    extension = sniff(data)
    if extension is None:
        raise FetchFailed("not-an-image", f"{len(data)} bytes called {content_type or 'nothing'}")
    return extension
