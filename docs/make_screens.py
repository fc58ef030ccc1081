"""Takes the screenshots in docs/images: all views of the explorer, dark and light, wide and on a phone; one exported.

``make screens``; it needs Chromium. ``python docs/make_screens.py one_page`` takes those of one folder alone.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from PIL import Image  # noqa: E402

from browsing import PHONE, WIDE, Watched, chromium  # noqa: E402
from explorer.browser import Shown, shown  # noqa: E402
from export.pages import opened as opened_page  # noqa: E402
from pellucid import Network, Run  # noqa: E402
from pellucid.datasets import load_mnist, load_toy  # noqa: E402
from pellucid.explorer._messages import Branch, Hand, Where  # noqa: E402
from pellucid.explorer._session import Session  # noqa: E402

IMAGES = ROOT / "docs" / "images"


def trained() -> Run:
    """The README's network, trained."""
    mnist = load_mnist()
    net = Network([784, 32, 32, 10], activation="relu", initializer="glorot", input_scale=1 / 255, seed=0)
    recipe = {"epochs": 6, "batch_size": 64, "learning_rate": 6e-3, "schedule": "linear"}
    return net.fit(mnist.X_train, mnist.y_train, **recipe, progress=False)


def digits() -> Session:
    """It, and a second future of it."""
    mnist, run = load_mnist(), trained()
    session = Session(run, {"test": (mnist.X_test, mnist.y_test)})
    made = session.answer(Branch(Where("run", 1200), 1e-2, None, None))
    session.trainer(made.run).run.finish(progress=False)
    return session


def points() -> Session:
    toy = load_toy("spirals", n=800)
    net = Network([2, 16, 16, 2])
    run = net.fit(toy.X[:400], toy.y[:400], epochs=100, batch_size=20, learning_rate=0.02, progress=False)
    return Session(run, {"test": (toy.X[400:], toy.y[400:])})


def neuron(page: Shown, weight: int | None) -> None:
    page.tab("Neuron")
    page.page.get_by_test_id("choose-layer").select_option("0")
    page.page.get_by_test_id("choose-node").fill("5")
    page.page.keyboard.press("Enter")
    if weight is not None:
        page.page.get_by_test_id("weights-table").locator("tbody tr").nth(weight).click()
        page.part("receipt").wait_for()


def sample(page: Shown) -> None:
    page.go_to(1200)


def opened(page: Shown) -> None:
    page.go_to(1200)
    neuron(page, 0)


def training(page: Shown) -> None:
    page.go_to(1200)
    page.tab("Training")
    page.part("compared").wait_for()


def hands(page: Shown) -> None:
    where = Where("run", 1200)
    for kind, node in (("silence", 4), ("bias", 6)):
        page.session.answer(Hand(where, kind, "layer_1", node, None, 0.5))
    page.go_to(1200)
    neuron(page, None)
    page.tab("Hands")
    page.part("score").wait_for()


def plane(page: Shown) -> None:
    page.tab("Plane")
    page.part("plane").wait_for()


VIEWS: dict[str, tuple[Callable[[], Session], Callable[[Shown], None]]] = {
    "sample": (digits, sample),
    "neuron": (digits, opened),
    "training": (digits, training),
    "hands": (digits, hands),
    "plane": (points, plane),
}


STROKE = [
    (0.36, 0.28),
    (0.5, 0.2),
    (0.66, 0.27),
    (0.64, 0.42),
    (0.47, 0.5),
    (0.66, 0.58),
    (0.68, 0.74),
    (0.5, 0.82),
    (0.33, 0.74),
]


def save(page: Watched, size: dict[str, int], path: Path) -> None:
    """Take a page: on a phone as tall as what is in it, so that nothing lies over anything."""
    if size is PHONE:
        tall = page.page.evaluate("document.documentElement.scrollHeight")
        page.page.set_viewport_size({"width": size["width"], "height": tall})
    page.page.evaluate("document.querySelector('.view').scrollTop = 0")
    page.page.wait_for_timeout(1000)
    png = page.page.screenshot()
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(png)).convert("RGB").save(path, quality=85, method=6)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1024:.0f} KB")


def explorer(browser: Any) -> None:
    for view, (session, arrange) in VIEWS.items():
        for size, screen in ((WIDE, "wide"), (PHONE, "phone")):
            for dark in (False, True):
                with shown(browser, session(), size=size, dark=dark) as page:
                    arrange(page)
                    save(page, size, IMAGES / "explorer" / f"{view}-{screen}-{'dark' if dark else 'light'}.webp")


def one_page(browser: Any) -> None:
    mnist = load_mnist()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "digits.html")
        trained().network.export(file, data=(mnist.X_test, mnist.y_test))
        text = file.read_text(encoding="utf-8")
        with opened_page(browser, Path(folder), text) as page:
            page.draw(STROKE)
            save(page, WIDE, IMAGES / "one_page" / "drawing-wide-light.webp")
        with opened_page(browser, Path(folder), text, size=PHONE, dark=True) as page:
            page.choose(3)
            page.open_neuron("layer_1", 12)
            page.page.evaluate("document.activeElement.blur()")
            save(page, PHONE, IMAGES / "one_page" / "neuron-phone-dark.webp")


FOLDERS = {"explorer": explorer, "one_page": one_page}


def main() -> None:
    with chromium() as browser:
        for name in sys.argv[1:] or FOLDERS:
            FOLDERS[name](browser)


if __name__ == "__main__":
    main()
