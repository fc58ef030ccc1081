"""Pages of the explorer in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from browsing import PHONE, WIDE, Watched
from pellucid.explorer._server import Server
from pellucid.explorer._session import Session


class Shown(Watched):
    """A page that shows a session."""

    def __init__(self, page: Any, session: Session) -> None:
        super().__init__(page)
        self.session = session

    def go_to(self, step: int) -> None:
        """Scrub to a step, and wait until the page shows it."""
        self.slide("time-slider", step)
        self.until(lambda: self.value("step") == step)


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
