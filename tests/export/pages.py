"""Exported pages in Chromium, opened from a disk, without any network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from browsing import PHONE, WIDE, Watched, read


class Opened(Watched):
    """An exported page. What it asks for is kept, too."""

    def __init__(self, page: Any) -> None:
        super().__init__(page)
        self.asked: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))

    def settle(self) -> None:
        """Wait until what was done has been drawn: by frames of the page itself, however slow the machine is."""
        self.page.evaluate(
            "async () => { for (let n = 0; n < 3; ++n) {"
            " await new Promise(requestAnimationFrame); await new Promise((done) => setTimeout(done, 80)); } }"
        )

    def outputs(self) -> list[float]:
        """Return the numbers of the table of outputs, in full."""
        return [
            float(one.get_attribute("data-value")) for one in self.part("outputs-table").locator("[data-value]").all()
        ]

    def row(self) -> int:
        """Return which row of the data is looked at."""
        return int(read(self.part("sample-name").inner_text().removeprefix("Row ").split(" ")[0]))

    def choose(self, place: int) -> int:
        """Choose one of the samples that are shown, and return which row of the data it is."""
        self.part("samples").locator("button").nth(place).click()
        self.settle()
        return self.row()

    def open_neuron(self, layer: str, node: int) -> None:
        """Open a neuron by the chooser of its view; nodes count from 1, as their names do."""
        self.tab("Neuron")
        self.part("choose-layer").select_option(label=layer)
        self.part("choose-node").fill(str(node))
        self.page.keyboard.press("Enter")
        self.page.get_by_role("heading", name=f"{layer}/node_{node}", exact=True).wait_for()
        self.settle()

    def draw(self, stroke: Sequence[tuple[float, float]]) -> None:
        """Draw with the mouse, and wait until the network has it."""
        pad = self.part("drawing-pad")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*point, steps=4)
        self.page.mouse.up()
        self.settle()

    def ink(self) -> Any:
        """Return what stands on the drawing pad: 0 is paper, 255 is ink."""
        pixels = self.part("drawing-pad").evaluate(
            "pad => Array.from(pad.getContext('2d').getImageData(0, 0, pad.width, pad.height).data)"
        )
        side = int(self.part("drawing-pad").get_attribute("width"))
        return 255.0 - np.array(pixels, dtype=np.float64).reshape(side, side, 4)[:, :, 0]


@contextmanager
def opened(
    browser: Any, folder: Path, text: str, *, size: dict[str, int] = WIDE, dark: bool = False
) -> Iterator[Opened]:
    """Give a page from a file, in a browser that reaches no network; it may ask for nothing but that file."""
    file = folder / "a network & its samples.html"
    file.write_text(text, encoding="utf-8", newline="\n")
    scheme = "dark" if dark else "light"
    context = browser.new_context(viewport=size, color_scheme=scheme, has_touch=size is PHONE, offline=True)
    found = Opened(context.new_page())
    found.page.set_default_timeout(30_000)
    try:
        found.page.goto(file.as_uri())
        found.part("network").wait_for()
        found.until(lambda: found.part("self-test").get_attribute("data-value") is not None)
        found.settle()
        yield found
        assert [] == found.wrong
        assert [] == [address for address in found.asked[1:] if not address.startswith("data:")]
        assert found.asked[0].startswith("file:")
    finally:
        context.close()
