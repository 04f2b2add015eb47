"""One API asked over HTTP: its answers as texts, or why there is none.

The connections are fetching's own (requests' pools): judged addresses only, proxies, one clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from urllib3.exceptions import HTTPError

from ..errors import FetchFailed, PageUnreachable, UsageError
from ..fetch import Attempt, FetchSession
from ..fetch.address import read_address
from ..fetch.clock import Clock
from ..fetch.encodings import decoded
from ..fetch.failures import translate
from ..fetch.guard import judge
from ..fetch.http import retry_after
from ..fetch.proxies import hidden, proxy_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..engines import ApiEngine
    from ..fetch import FetchLimits

_BLOCK = 262_144
_MOST = 20_000_000  # bytes of an answer: a page of results has some 100,000
_PROXY_WANTS_PASSWORD = 407


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What came; `wait` is how many seconds the server asks to be left alone, where it does."""

    status: int
    text: str
    wait: float | None = None


def checked_contact(contact: str) -> str:
    """Whom an API may write to: an e-mail or web address; UsageError for anything else."""
    contact = contact.strip()
    plain = contact.isascii() and contact.isprintable() and not set(contact) & set(" ()<>\"'")
    if not plain or not ("@" in contact or contact.startswith(("http://", "https://"))):
        raise UsageError(
            f"--contact {contact!r}: expected an e-mail or web address, as in you@example.org"
        )
    return contact


def check_contact(engine: ApiEngine, contact: str | None, replica: str | None) -> None:
    """Refuse to ask an API that wants to know whom to write to, where nobody is named."""
    if contact is not None:
        checked_contact(contact)
    elif replica is None and engine.MANNERS.wants_contact:
        raise UsageError(
            f"--engine {engine.NAME}: it wants to know whom it may write to: add --contact "
            'you@example.org, or `contact = "you@example.org"` to your defaults '
            "(`pixset config show`)"
        )


def user_agent(contact: str | None) -> str:
    """The tool, whom to write to, and the library, as Wikimedia's policy wants them."""
    try:
        own, library = version("pixset"), version("requests")
    except PackageNotFoundError:  # run from a folder that is not installed
        own = library = "0"
    whom = f" ({contact})" if contact else ""
    return f"pixset/{own}{whom} python-requests/{library}"


class ApiClient:
    """Asks one server, in one thread; `stop` may be called from any."""

    def __init__(self, limits: FetchLimits) -> None:
        self._limits = limits
        self._session = FetchSession(limits)
        self._attempt = Attempt()
        self._headers = {
            **self._session.headers,
            "User-Agent": user_agent(limits.contact),
            "Accept": "application/json",
        }

    def ask(
        self, url: str, *, token: str | None = None, form: Mapping[str, str] | None = None
    ) -> ApiAnswer:
        """The answer, whatever its status; PageUnreachable where none comes."""
        try:
            return self._asked(url, token, form)
        except (HTTPError, OSError, FetchFailed) as error:
            proxy = self._proxy(url)
            way = f"through the proxy {hidden(proxy)}: " if proxy is not None else ""
            raise PageUnreachable(f"{way}{translate(error)}"[:300]) from error

    def _asked(self, url: str, token: str | None, form: Mapping[str, str] | None) -> ApiAnswer:
        address = read_address(url)
        if not self._limits.allow_private:
            judge(address)
        headers = dict(self._headers)
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._attempt = Attempt()  # the one before may have been stopped
        clock = Clock(self._limits.deadline, self._attempt)
        with (
            self._session.deadlines.watch(clock.attempt, clock.due),
            self._session.asked(address, headers, clock, form=form) as answer,
        ):
            if answer.status == _PROXY_WANTS_PASSWORD:
                raise FetchFailed("connection", "it wants another password (407)")
            data = bytearray()
            blocks = answer.stream(_BLOCK, decode_content=False)
            coding = answer.headers.get("content-encoding", "")
            for block in decoded(blocks, coding, clock.check):
                data += block
                if len(data) > _MOST:
                    raise FetchFailed("too-large", f"over {_MOST} bytes")
            wait = retry_after(answer.headers.get("retry-after"))
            return ApiAnswer(answer.status, data.decode("utf-8", "replace"), wait)

    def _proxy(self, url: str) -> str | None:
        try:
            return proxy_for(read_address(url), self._limits.proxy)
        except FetchFailed:  # it is no address, or no proxy: the error says so itself
            return None

    def stop(self) -> None:
        """End the request that is under way."""
        self._attempt.stop()

    def close(self) -> None:
        """End the idle connections."""
        self._session.close()
