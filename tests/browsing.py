"""Chromium, driven by Playwright: pages, what goes wrong in them, and numbers read from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import judges

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


class Watched:
    """A page. What goes wrong in it (errors, refused content) is kept, and must be nothing."""

    def __init__(self, page: Any) -> None:
        self.page = page
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

    def slide(self, name: str, value: float) -> None:
        """Move a slider, as a hand does."""
        self.part(name).evaluate(
            "(e, v) => { Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(e, v);"
            " e.dispatchEvent(new Event('input', { bubbles: true })); }",
            str(value),
        )

    def until(self, holds: Any, seconds: float = 30.0) -> None:
        """Wait until something holds in the page."""
        for _ in range(round(seconds * 50)):
            if holds():
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(
            f"It did not come to hold within {seconds} s; the page says: {self.page.inner_text('body')[:800]}"
        )

    def lines(self, name: str) -> list[str]:
        """Return the formulas of a part, as text."""
        return [str(one.get_attribute("data-text")) for one in self.part(name).locator(".formula").all()]

    def tab_to(self, name: str, most: int = 80) -> None:
        """Press the tabulator key until the focus is on a part, or in it."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement.closest('[data-testid]')?.dataset.testid ?? ''") == name:
                return
        raise AssertionError(f"Tab never came to {name}")

    def barriers(self) -> list[Any]:
        """Return what axe finds serious; it lies among the packages that the pages are built with."""
        axe = Path(__file__).resolve().parents[1] / "web/node_modules/axe-core/axe.min.js"
        self.page.evaluate(axe.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        bad = [one for one in found["violations"] if one["impact"] in {"serious", "critical"}]
        return [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in bad]


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
