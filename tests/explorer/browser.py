"""Chromium, driven by Playwright: pages of the explorer, and numbers read from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import judges
from pellucid.explorer._server import Server
from pellucid.explorer._session import Session

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
WIDE, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def chromium() -> Iterator[Any]:
    """Give a browser of Debian's, or end the test as `judges` says."""
    sync_api, path = judges.judge("playwright.sync_api"), judges.tool("chromium", "chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Shown:
    """A page that shows a session. What goes wrong in it (errors, refused content) is kept, and must be nothing."""

    def __init__(self, page: Any, session: Session) -> None:
        self.page, self.session = page, session
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda message: self.wrong.append(message.text) if message.type == "error" else None)

    def part(self, name: str) -> Any:
        """Return what has a test's name."""
        return self.page.get_by_test_id(name)

    def value(self, name: str) -> float:
        """Return the number that is shown there; NaN where none is yet."""
        found = self.part(name).first.get_attribute("data-value")
        return float("nan" if found is None else found)

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name, exact=True).click()

    def go_to(self, step: int) -> None:
        """Scrub to a step, and wait until the page shows it."""
        slider = self.part("time-slider")
        slider.evaluate(
            "(e, v) => { Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(e, v);"
            " e.dispatchEvent(new Event('input', { bubbles: true })); }",
            str(step),
        )
        self.until(lambda: self.value("step") == step)

    def until(self, holds: Any, seconds: float = 30.0) -> None:
        """Wait until something holds in the page."""
        for _ in range(round(seconds * 50)):
            if holds():
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(
            f"It did not come to hold within {seconds} s; the page says: {self.page.inner_text('body')[:800]}"
        )


@contextmanager
def shown(browser: Any, session: Session, *, size: dict[str, int] = WIDE, dark: bool = False) -> Iterator[Shown]:
    """Give a page that shows a session, and end both."""
    server = Server(session)
    server.start()
    context = browser.new_context(viewport=size, color_scheme="dark" if dark else "light", has_touch=size is PHONE)
    page = context.new_page()
    page.set_default_timeout(30_000)
    try:
        found = Shown(page, session)
        page.goto(server.url)
        page.get_by_test_id("network").wait_for()
        yield found
        assert [] == found.wrong
    finally:
        context.close()
        server.close()
        session.close()


def read(text: str) -> float:
    """Return a number as a page writes it: ``−1.5``, ``+3``, ``97.48 %``, ``1.2e−5``, ``5,628``.

    Examples
    --------
    >>> read("−1.5"), read("97.48 %"), read("1.2e−5"), read("5,628")
    (-1.5, 0.9748, 1.2e-05, 5628.0)
    """
    plain = text.strip().replace("−", "-").replace(",", "").removeprefix("+")
    share = plain.endswith("%")
    (number,) = re.findall(r"^-?\d+\.?\d*(?:e[+-]?\d+)?", plain.removesuffix("%").strip())
    return float(number) / (100 if share else 1)
