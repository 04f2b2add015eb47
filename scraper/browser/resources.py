"""What a page has loaded and the browser still holds: its pictures, its requests' answers."""

from __future__ import annotations

import base64
import json
import logging
import re
from dataclasses import dataclass, field
from html import escape
from http.client import HTTPException
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urldefrag, urlsplit
from urllib.request import ProxyHandler, build_opener

from .protocol import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.remote.webdriver import WebDriver

log = logging.getLogger(__name__)

# What a browser leaves as it is in an address; everything else it percent-encodes.
_KEPT = "%/:=&?~#+!$,;'@()*[]|"


def devtools(driver: WebDriver, method: str, **parameters: object) -> dict[str, Any]:
    """Call a DevTools method (Chromium only); empty where a dialog of the page's comes between."""
    answer = driver.execute("executeCdpCommand", {"cmd": method, "params": parameters})
    return dict(answer["value"] or {})


def is_gone(error: WebDriverException) -> bool:
    """Whether DevTools says that the browser no longer has what it was asked for."""
    return any(words in (error.msg or "") for words in ("No resource", "-32000"))


@dataclass(slots=True)
class LoadedPictures:
    """The pictures of one document. Before anything is known of it, every picture may be there."""

    known: bool = False
    _addresses: set[str] = field(default_factory=set)

    def forget_all(self) -> None:
        """Begin with a new document."""
        self._addresses.clear()

    def add(self, addresses: Iterable[str]) -> None:
        """Remember pictures that have arrived."""
        self._addresses.update(addresses)

    def forget(self, address: str) -> None:
        """Forget a picture that the browser no longer has."""
        self._addresses.discard(address)

    def spelling(self, url: str) -> str | None:
        """Return the address under which the picture arrived, None if it has not."""
        if not self.known:
            return url
        bare = urldefrag(url).url
        for spelling in (url, bare, quote(bare, safe=_KEPT)):
            if spelling in self._addresses:
                return spelling
        return None


# What results are carried in; a browser names scripts, pictures and fonts otherwise.
_TEXT = re.compile(
    r"(?:text/(?:html|plain|javascript|json)|application/(?:\S+\+)?(?:json|javascript))\b"
)
_REFUSALS = frozenset({403, 429, 503})
_BY_SCRIPTS = frozenset({"XHR", "Fetch"})
_SHORTEST = 300  # characters: an answer that carries results is longer, a beacon's is not
_LARGEST = 8_000_000
_HELD = 64_000_000  # bytes of answers that the browser is asked to hold until they are read
_CLOSING = re.compile(r"</(?=script)", re.IGNORECASE)


class NetworkLog:
    """The answers to a page's XHRs and fetches, from the browser's own network log.

    Some results stand in nothing else: they go from there into JavaScript's memory. No request
    is made, and nothing of the page is replaced to see them. Chromium only, started with
    `PREFERENCES` under one of `CAPABILITIES` and `OPTION`.
    """

    PREFERENCES = MappingProxyType({"performance": "ALL"})
    CAPABILITIES = ("goog:loggingPrefs", "ms:loggingPrefs")  # Chrome's and Chromium's, Edge's
    OPTION = ("perfLoggingPrefs", {"enableNetwork": True, "enablePage": False})

    def __init__(self, driver: WebDriver) -> None:
        self._driver = driver
        self._seen = 0  # requests that had ended at the last reading
        self._again = False  # the log may lag behind the page: it is asked once more
        # Request id -> address, of requests of the page's scripts that have not ended.
        self._asked: dict[str, str] = {}
        self._refused: dict[str, Refusal] = {}  # by the address that was asked, without its query
        self._answered: dict[str, str] = {}  # request id -> address, the body still on its way
        self._ended: dict[str, str] = {}  # the same of answers that came whole, not read yet
        limits = {"maxTotalBufferSize": _HELD, "maxResourceBufferSize": _LARGEST}
        devtools(driver, "Network.enable", **limits)
        tree = devtools(driver, "Page.getFrameTree").get("frameTree", {})
        self._window: str = tree.get("frame", {}).get("id", "")
        self._loader: str | None = None  # of the document in the window

    def forget_all(self) -> None:
        """Begin with a new document."""
        self._seen = 0
        self._again = False
        for _ in self._events():
            pass
        self._asked.clear()
        self._refused.clear()
        self._answered.clear()
        self._ended.clear()

    def awaits(self) -> bool:
        """Tell whether something that a script of the page asked for has not come yet."""
        self._take()
        return bool(self._asked)

    def refusals(self) -> tuple[Refusal, ...]:
        """Return what the page's own server refused, or sent elsewhere, and has not given since."""
        self._take()
        return tuple(self._refused.values())

    def scripts(self, requests: int) -> Iterator[str]:
        """Return the answers that have come since the last reading, each in a script element.

        `requests` counts the document's requests that have ended; where none has for two
        readings, the browser is not asked.
        """
        moved = requests != self._seen
        if moved or self._again or self._answered:
            self._seen, self._again = requests, moved
            self._take()
        ended, self._ended = self._ended, {}
        for number, address in ended.items():
            body = self._body(number, address)
            if _SHORTEST <= len(body) <= _LARGEST:
                inside = _CLOSING.sub(r"<\\/", body)
                yield f'<script type="text/plain" data-from="{escape(address)}">{inside}</script>'

    def _take(self) -> None:
        """Note what the log holds: what was asked for, what was answered, what ended."""
        for method, event in self._events():
            number = event.get("requestId", "")
            match method:
                case "Network.requestWillBeSent" if event.get("frameId") == self._window and (
                    event.get("type") == "Document"
                ):
                    # What an earlier page asked for is its own, whenever the answer comes.
                    self._loader = event.get("loaderId")
                    self._asked = dict.fromkeys(self._asked, "")
                    self._refused.clear()
                case "Network.requestWillBeSent" if event.get("type") in _BY_SCRIPTS:
                    # A redirect comes as a request of the same number.
                    is_own = self._loader in {None, event.get("loaderId")}
                    self._asked.setdefault(number, _fetched(event) if is_own else "")
                case "Network.responseReceived" if event.get("type") in _BY_SCRIPTS:
                    self._judge(self._asked.get(number, ""), event["response"])
                    if _carries(event):
                        self._answered[number] = event["response"]["url"]
                case "Network.loadingFinished":
                    self._asked.pop(number, None)
                    if number in self._answered:
                        self._ended[number] = self._answered.pop(number)
                case "Network.loadingFailed":
                    self._asked.pop(number, None)
                    self._answered.pop(number, None)

    def _judge(self, asked: str, response: Mapping[str, Any]) -> None:
        """Note a refusal, or that what was refused is given again."""
        if not asked:
            return
        self._refused.pop(asked, None)
        if response["status"] in _REFUSALS or _place(response["url"]) != asked:
            self._refused[asked] = Refusal(int(response["status"]), response["url"])

    def _events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Take what the log holds: DevTools events of the network, in order."""
        from selenium.common.exceptions import InvalidArgumentException

        try:
            entries = self._driver.execute("getLog", {"type": "performance"})["value"]
        except InvalidArgumentException:  # a driver that keeps no such log
            log.info("this browser's driver keeps no network log: results may lack originals")
            entries = ()
        for entry in entries or ():
            message = json.loads(entry["message"])["message"]
            yield message["method"], message["params"]

    def _body(self, number: str, address: str) -> str:
        from selenium.common.exceptions import WebDriverException

        try:
            answer = devtools(self._driver, "Network.getResponseBody", requestId=number)
        except WebDriverException as error:
            if not is_gone(error):
                raise
            log.info("the browser no longer has the answer to %s", address)
            return ""
        body = str(answer.get("body", ""))  # empty where a dialog of the page's came between
        is_binary = answer.get("base64Encoded")
        return base64.b64decode(body).decode("utf-8", "replace") if is_binary else body


def _fetched(event: Mapping[str, Any]) -> str:
    """What a page's script asks its own server for, without the query; empty for what it sends."""
    request = event.get("request", {})
    address, page = request.get("url", ""), event.get("documentURL", "")
    is_own = request.get("method") == "GET" and urlsplit(address).netloc == urlsplit(page).netloc
    return _place(address) if is_own else ""


def _place(address: str) -> str:
    return address.partition("?")[0].partition("#")[0]


def _carries(event: dict[str, Any]) -> bool:
    """Tell whether a response may carry results: text that a script of the page asked for."""
    response = event["response"]
    return (
        event.get("type") in _BY_SCRIPTS
        and response["status"] == 200
        and _TEXT.match(response.get("mimeType", "")) is not None
    )


def answers(driver: WebDriver) -> bool:
    """Tell whether the browser itself answers, whatever its page does; False on Firefox."""
    where = driver.capabilities.get("goog:chromeOptions", {}).get("debuggerAddress")
    direct = build_opener(ProxyHandler({}))
    try:
        with direct.open(f"http://{where}/json/version", timeout=2) as answer:
            return bool(answer.read())
    except (OSError, HTTPException, ValueError):
        return False
