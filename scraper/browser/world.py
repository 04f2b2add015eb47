"""Where pixset's own JavaScript runs: in Chromium apart from the page's, which cannot alter it.

A page may replace what the language has built in (`Array.prototype.map`, `querySelectorAll`). In
an isolated world the document is the page's, and everything else the browser's own; the page
sees nothing of it either. Firefox runs scripts in the page's world.
"""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any, Protocol

from . import scripts
from .resources import devtools

if TYPE_CHECKING:
    from selenium.webdriver.remote.webdriver import WebDriver

# What DevTools says where the document went away before or under a script.
_LEFT = (
    "execution context",
    "find context",
    "navigat",
    "was collected",
    "No frame",
    "Not attached",
)
_TRIES = 5
_PAUSE = 0.1  # seconds, more each time, until the next document is there
_ELSEWHERE = "pixset: another document"


class PageLeft(Exception):
    """The document went away under a script, or the script failed in it."""


class ScriptWorld(Protocol):
    """Runs functions, spelled in JavaScript, in the document that is shown."""

    def every_document(self, source: str) -> None:
        """Run a script at the start of each document to come, in place of the last one."""
        ...

    def run(self, function: str, *arguments: object) -> Any:
        """Return what a function, or its promise, returns; PageLeft where it does not."""
        ...

    def press(self, css: str) -> bool:
        """Click the first visible element that matches; False where there is none."""
        ...

    def is_left(self) -> bool:
        """Tell whether the document of the last call is gone, as far as that is known."""
        ...


class IsolatedWorld:
    """A world of our own in each document; Chromium only."""

    _NAME = "pixset"

    def __init__(self, driver: WebDriver) -> None:
        self._driver = driver
        self._context: int | None = None
        self._entered = 0
        self._asked = 0
        self._source: str | None = None

    def every_document(self, source: str) -> None:
        """Run a script at the start of each document to come, in place of the last one."""
        if self._source is not None:
            devtools(
                self._driver, "Page.removeScriptToEvaluateOnNewDocument", identifier=self._source
            )
        answer = devtools(
            self._driver,
            "Page.addScriptToEvaluateOnNewDocument",
            source=source,
            worldName=self._NAME,
        )
        self._source = answer.get("identifier")

    def run(self, function: str, *arguments: object) -> Any:
        """Return what a function, or its promise, returns; PageLeft where it does not."""
        from selenium.common.exceptions import WebDriverException

        self._asked += 1
        number = self._asked
        # Asked once more, where a dialog came between, a function is not called again.
        call = (
            f"(globalThis.pixsetAsked?.[0] === {number} || (globalThis.pixsetAsked ="
            f" [{number}, ({function})(...{json.dumps(arguments)})]), globalThis.pixsetAsked[1])"
        )
        for tried in range(_TRIES):
            time.sleep(_PAUSE * max(0, tried - 1))
            try:
                if self._context is None:
                    self._enter()
                # A context's number may be another document's by now, but for the mark.
                marked = f"globalThis.pixset === {self._entered}"
                answer = self._evaluate(f'{marked} ? {call} : "{_ELSEWHERE}"')
            except WebDriverException as error:
                if not any(words in (error.msg or "") for words in _LEFT):
                    raise
                answer = _ELSEWHERE
            if answer != _ELSEWHERE:
                return answer
            self._context = None
        raise PageLeft("its documents come and go")

    def press(self, css: str) -> bool:
        """Click the first visible element that matches, as a mouse does."""
        at = self.run(scripts.AIM, css)
        if not at:
            return at is not None
        place = {"x": at[0], "y": at[1]}
        devtools(self._driver, "Input.dispatchMouseEvent", type="mouseMoved", **place)
        for kind in ("mousePressed", "mouseReleased"):
            button = {"type": kind, "button": "left", "clickCount": 1}
            devtools(self._driver, "Input.dispatchMouseEvent", **button, **place)
        return True

    def is_left(self) -> bool:
        """Tell whether the document of the last call is gone, as far as that is known."""
        before = self._entered
        with contextlib.suppress(PageLeft):
            self.run("() => 0")
        return self._entered != before

    def _enter(self) -> None:
        """Find or make our world in the document that is shown, and mark it as entered."""
        frame = devtools(self._driver, "Page.getFrameTree")["frameTree"]["frame"]["id"]
        world = {"frameId": frame, "worldName": self._NAME}
        self._context = devtools(self._driver, "Page.createIsolatedWorld", **world)[
            "executionContextId"
        ]
        self._entered += 1
        self._evaluate(f"globalThis.pixset = {self._entered}")

    def _evaluate(self, expression: str) -> Any:
        how = {"contextId": self._context, "awaitPromise": True, "returnByValue": True}
        answer = devtools(self._driver, "Runtime.evaluate", expression=expression, **how)
        if failed := answer.get("exceptionDetails"):
            said = failed.get("exception", {}).get("description") or failed.get("text")
            raise PageLeft(f"a script failed: {said}"[:300])
        return answer["result"].get("value")


class PageWorld:
    """The page's own world, by WebDriver: every browser has it."""

    def __init__(self, driver: WebDriver) -> None:
        self._driver = driver

    def every_document(self, source: str) -> None:
        """Do nothing: without DevTools a script comes into a document once it is there."""

    def run(self, function: str, *arguments: object) -> Any:
        """Return what a function, or its promise, returns; PageLeft where it does not.

        Some drivers call it a timeout where the page went elsewhere, though no time has passed; a
        real one is raised.
        """
        from selenium.common.exceptions import JavascriptException, TimeoutException

        began = time.monotonic()
        try:
            return self._driver.execute_script(f"return ({function})(...arguments)", *arguments)
        except JavascriptException as error:
            raise PageLeft(error.msg or "a script failed") from error
        except TimeoutException as error:
            if time.monotonic() - began >= self._driver.timeouts.script:
                raise
            raise PageLeft("it went elsewhere") from error

    def is_left(self) -> bool:
        """Suppose that it is gone."""
        return True

    def press(self, css: str) -> bool:
        """Click the first visible element that matches; False where there is none."""
        from selenium.common.exceptions import (
            ElementClickInterceptedException,
            ElementNotInteractableException,
            MoveTargetOutOfBoundsException,
            StaleElementReferenceException,
        )

        element = self.run(scripts.VISIBLE, css)
        if element is None:
            return False
        try:
            self.run("(node) => node.scrollIntoView({block: 'center'})", element)
            element.click()
        except (
            ElementClickInterceptedException,
            ElementNotInteractableException,
            MoveTargetOutOfBoundsException,
        ):
            # Something lies over it (a banner): its own click handler still answers.
            with contextlib.suppress(StaleElementReferenceException, PageLeft):
                self.run("(node) => node.click()", element)
        except (StaleElementReferenceException, PageLeft):
            return False
        return True
