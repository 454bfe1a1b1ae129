"""A scanner as the browser sees it: keys faster than any hand, however busy the machine is."""

import time
from typing import Final

from playwright.sync_api import CDPSession, Page

APART_S: Final = 0.005


class Scanner:
    """Types into the page that has it; its keys carry times of their own, `APART_S` after each other."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._browser: CDPSession | None = None
        self._last = 0.0

    def type(self, code: str) -> None:
        """The digits of a code, then Enter."""
        self._last = max(self._last, time.time())
        for digit in code:
            self._press(digit, code=f"Digit{digit}", number=ord(digit), text=digit)
        self._press("Enter", code="Enter", number=13, text="\r")

    def _press(self, key: str, *, code: str, number: int, text: str) -> None:
        self._last += APART_S
        what = {"key": key, "code": code, "windowsVirtualKeyCode": number, "timestamp": self._last}
        if self._browser is None:
            self._browser = self._page.context.new_cdp_session(self._page)
        self._browser.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": text, **what})
        self._browser.send("Input.dispatchKeyEvent", {"type": "keyUp", **what})
