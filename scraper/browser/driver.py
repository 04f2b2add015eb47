"""Selenium's driver, made to outlast a page's dialogs; imported where a browser is started."""

from __future__ import annotations

from typing import Any

from selenium.common.exceptions import UnexpectedAlertPresentException
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver

_DIALOGS = 20  # of a page's in a row: it opens them without end
_DEVTOOLS = "executeCdpCommand"
_INPUT = "Input."


class DialogProofDriver(WebDriver):
    """Gives a command again where a dialog of the page's came between: the driver dismisses it.

    UnexpectedAlertPresentException where one dialog follows another, and at once where a page is
    opened: the dialog may be that page's, or the one's before it. What presses is not done twice:
    the dialog is what it brought.
    """

    def execute(self, driver_command: Any, params: dict[str, Any] | None = None) -> Any:
        """Carry out a command, past the dialogs that interrupt it."""
        method = (params or {}).get("cmd", "")
        presses = driver_command == Command.CLICK_ELEMENT or method.startswith(_INPUT)
        for left in reversed(range(_DIALOGS)):
            try:
                answer = super().execute(driver_command, params)
            except UnexpectedAlertPresentException:
                if presses:
                    return {"value": None}
                if not left or driver_command == Command.GET:
                    raise
                continue
            # DevTools' answers are objects: there is none where a dialog was open.
            if driver_command != _DEVTOOLS or answer["value"] is not None or presses:
                return answer
        raise UnexpectedAlertPresentException("its page opens one dialog after another")
