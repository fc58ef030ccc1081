"""The widget in JupyterLab, driven by a browser: it shows, trains and scrubs; and it pauses a cell that trains."""

from __future__ import annotations

import json
import logging
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import judges
from browsing import WIDE, chromium

# JupyterLab finds the widgets of the environment that it is installed in, not those of one that borrows its packages.
pytestmark = pytest.mark.checkout

WAIT = 90_000  # milliseconds until a test gives up
MOST = 3_000  # milliseconds; a pause takes some tens of them, and no test depends on how quick a machine is

EXPLORE = """
import numpy as np, pellucid
rng = np.random.default_rng(0)
X, y = rng.integers(0, 256, (20_000, 784)).astype(np.uint8), rng.integers(0, 10, 20_000)
net = pellucid.Network([784, 32, 32, 10], initializer="glorot", input_scale=1 / 255)
run = net.start(X, y, epochs=5_000, batch_size=64, learning_rate=1e-3)
pellucid.explore(run, (X[:500], y[:500]))
""".strip()
FINISH = 'run.finish(progress=False); print("came back at", run.step, run.fingerprint)'


def notebook(path: Path) -> None:
    """Write a notebook of the cells."""
    nbformat = judges.judge("nbformat")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (EXPLORE, FINISH)])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, path)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the notebook in a JupyterLab of its own, with a home of its own, on this machine alone."""
    for name in ("jupyterlab", "anywidget", "playwright.sync_api"):
        judges.judge(name)
    home = tmp_path_factory.mktemp("lab")
    (home / "work").mkdir()
    notebook(home / "work" / "explore.ipynb")
    places = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("RUNTIME", "CONFIG", "DATA")}
    environment = {**os.environ, "HOME": str(home), "IPYTHONDIR": str(home / "ipython"), **places}
    token = secrets.token_urlsafe(32)
    settings = [
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",
        f"--ServerApp.root_dir={home / 'work'}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *settings],
            env={**environment, "JUPYTER_TOKEN": token},
            stdout=log,
            stderr=log,
        )
    try:
        yield f"{address(process, home)}lab/tree/explore.ipynb?token={token}"
    finally:
        process.terminate()
        process.wait(30)


def address(process: subprocess.Popen[bytes], home: Path) -> str:
    """Return where a server has begun to listen."""
    end = time.monotonic() + WAIT / 1000
    while time.monotonic() < end and process.poll() is None:
        for file in (home / "runtime").glob("jpserver-*.json"):
            try:
                return str(json.loads(file.read_text(encoding="utf-8"))["url"])
            except ValueError:  # it is just being written
                pass
        time.sleep(0.1)
    raise AssertionError((home / "log").read_text(encoding="utf-8")[-3000:])


@pytest.fixture(scope="module")
def page(lab: str) -> Iterator[Any]:
    """The notebook, in a browser, its first cell run."""
    with chromium() as browser:
        page = browser.new_page(viewport=WIDE)
        page.set_default_timeout(WAIT)
        try:
            opened(page, lab)
        except judges.judge("playwright.sync_api").TimeoutError:  # a kernel does not always come up at once
            opened(page, lab)
        yield page


def opened(page: Any, lab: str) -> None:
    """Open the notebook, run its first cell, and wait for the widget."""
    page.goto(lab)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    run_cell(page, 0)
    page.get_by_test_id("step").first.wait_for()


def run_cell(page: Any, number: int) -> None:
    """Run a cell, as its reader would: once more, where JupyterLab was still too busy to hear it."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(number)
    for _ in range(WAIT // 1000):
        cell.locator(".jp-InputArea-editor").click()
        page.keyboard.press("Control+Enter")
        page.wait_for_timeout(1000)
        if "[ ]" not in cell.locator(".jp-InputPrompt").inner_text():
            return


def value(page: Any, name: str) -> str:
    return str(page.get_by_test_id(name).first.get_attribute("data-value"))


def step(page: Any) -> int:
    return int(value(page, "step"))


def until(page: Any, script: str, argument: Any = None) -> None:
    page.wait_for_function(script, arg=argument, timeout=WAIT)


def press(page: Any) -> None:
    """Press start, or pause, whatever lies over it (JupyterLab tells its news in that corner)."""
    page.get_by_test_id("start-pause").first.evaluate("button => button.click()")


STEP = "Number(document.querySelector('[data-testid=step]').dataset.value)"

# Presses pause, and tells after how many milliseconds the step last changed that the page shows.
PAUSE = """async () => {
  const step = () => document.querySelector('[data-testid=step]').dataset.value;
  document.querySelector('[data-testid=start-pause]').click();
  const begun = performance.now();
  let [last, at] = [step(), begun];
  while (performance.now() - Math.max(at, begun) < 1500) {
    await new Promise(requestAnimationFrame);
    if (step() !== last) [last, at] = [step(), performance.now()];
  }
  return at - begun;
}"""


def test_it_trains_pauses_and_scrubs(page: Any) -> None:
    """Start, while no cell runs, makes steps; pause ends that; the slider shows an earlier step, and its bits."""
    first = value(page, "fingerprint")
    press(page)
    until(page, f"() => {STEP} > 100")
    assert page.evaluate(PAUSE) < MOST
    assert first != value(page, "fingerprint")
    last = step(page)
    page.get_by_test_id("time-slider").first.evaluate(
        "slider => { Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(slider, 0);"
        " slider.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    until(page, f"() => {STEP} === 0")
    assert first == value(page, "fingerprint")
    page.get_by_test_id("live").first.evaluate("button => button.click()")
    until(page, f"last => {STEP} === last", last)


def test_it_pauses_a_cell_that_trains(page: Any) -> None:
    """While a cell runs `run.finish()`, the page follows; pause stops the steps, and the cell comes back there.

    ``pytest --log-cli-level=INFO`` tells how long that took.
    """
    before = step(page)
    run_cell(page, 1)
    until(page, f"before => {STEP} > before + 500", before)
    took = page.evaluate(PAUSE)
    logging.getLogger(__name__).info("The step stood still %.0f ms after pause was pressed", took)
    assert took < MOST
    told = page.locator(".jp-Notebook .jp-CodeCell").nth(1).locator(".jp-OutputArea-output").last
    told.wait_for()
    assert f"came back at {step(page)} {value(page, 'fingerprint')}" == told.inner_text().strip()
