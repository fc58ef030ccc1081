"""What a frame costs while the MNIST network is scrubbed, and how soon an edit's accuracy is on the screen.

``python benchmarks/page.py``; it needs Chromium.

The time line is dragged to another step in each of 240 animation frames, as a mouse does, while Chromium records its
own trace. Told is the main thread's work from one frame to the next, the length of its tasks: in all frames, and in
those in which a step that had come from the server was drawn.
"""

from __future__ import annotations

import json
import statistics
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from browsing import chromium
from explorer.browser import Shown, shown
from pellucid import Network
from pellucid.datasets import load_mnist
from pellucid.explorer._session import Session

FRAMES = 240
DRAG = """
async ([frames, last]) => {
  const slider = document.querySelector('[data-testid=time-slider]');
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
  const network = document.querySelector('[data-testid=network]');
  const drawn = [];
  let before = network.dataset.step;
  for (let k = 1; k <= frames; k++) {
    set.call(slider, String(Math.round(last * k / frames)));
    performance.mark('pellucid-frame');
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise(requestAnimationFrame);
    drawn.push(network.dataset.step !== before);
    before = network.dataset.step;
  }
  return drawn;
}
"""


EDIT = """
async (value) => {
  const score = () => document.querySelector('[data-testid=score]').dataset.value;
  const listed = () => document.querySelectorAll('[data-testid=hands-list] li').length;
  const field = document.querySelector('[data-testid=hand-bias]');
  const count = listed();
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, String(value));
  field.dispatchEvent(new Event('input', { bubbles: true }));
  const begun = performance.now();
  field.dispatchEvent(new Event('change', { bubbles: true }));
  while (listed() === count) await new Promise(requestAnimationFrame);
  return [performance.now() - begun, Number(score())];
}
"""


def session() -> Session:
    mnist = load_mnist()
    net = Network([784, 32, 32, 10], activation="relu", initializer="glorot", input_scale=1 / 255, seed=0)
    recipe = {"epochs": 6, "batch_size": 64, "learning_rate": 6e-3, "schedule": "linear"}
    run = net.fit(mnist.X_train, mnist.y_train, **recipe, progress=False)
    return Session(run, {"test": (mnist.X_test, mnist.y_test)})


def traced(page: Shown) -> tuple[list[dict[str, Any]], list[bool]]:
    """Drag the time line under Chromium's tracing; return the events, and in which frames a new step was drawn."""
    client = page.page.context.new_cdp_session(page.page)
    events: list[dict[str, Any]] = []
    done: list[bool] = []
    client.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    client.on("Tracing.tracingComplete", lambda _: done.append(True))
    categories = ["devtools.timeline", "disabled-by-default-devtools.timeline", "toplevel", "blink.user_timing"]
    client.send("Tracing.start", {"traceConfig": {"includedCategories": categories}, "transferMode": "ReportEvents"})
    drawn = page.page.evaluate(DRAG, [FRAMES, 5628])
    client.send("Tracing.end")
    page.until(lambda: done)
    return events, drawn


def frames(events: list[dict[str, Any]]) -> list[float]:
    """Return the milliseconds of main-thread tasks between one frame's mark and the next's."""
    marks = sorted(e["ts"] for e in events if e.get("name") == "pellucid-frame")
    main = next(e["tid"] for e in events if e.get("name") == "pellucid-frame")
    process = next(e["pid"] for e in events if e.get("name") == "pellucid-frame")
    tasks = [
        (e["ts"], e.get("tdur", e["dur"]))
        for e in events
        if e.get("name") == "RunTask" and e.get("ph") == "X" and e["tid"] == main and e["pid"] == process
    ]
    found = []
    for begin, end in pairwise(marks):
        found.append(sum(long for at, long in tasks if begin <= at < end) / 1000)
    return found


def told(milliseconds: list[float]) -> str:
    ranked = sorted(milliseconds)
    ninety_five = ranked[int(0.95 * len(ranked))]
    return f"median {statistics.median(ranked):.2f} ms, 95 % {ninety_five:.2f} ms, most {ranked[-1]:.2f} ms"


def edits(browser: Any) -> None:
    with shown(browser, session()) as page:
        page.tab("Hands")
        page.part("choose-layer").select_option("0")
        page.part("choose-node").fill("5")
        page.page.keyboard.press("Enter")
        page.until(lambda: page.part("hand-bias").get_attribute("data-value") is not None)
        taken, scores = [], set()
        for place in range(30):
            milliseconds, score = page.page.evaluate(EDIT, (-1) ** place * (1 + place / 10))
            taken.append(milliseconds)
            scores.add(score)
            page.page.wait_for_timeout(100)
    print(f"an edit until its accuracy on 10,000 images is shown: {told(taken)}; {len(scores)} accuracies")


def main() -> None:
    with chromium() as browser:
        edits(browser)
        for tab in ("Sample", "Neuron", "Training", "Hands"):
            with shown(browser, session()) as page:
                page.tab(tab)
                page.page.evaluate(DRAG, [20, 5628])  # warm
                events, drawn = traced(page)
                found = frames(events)
            if "--json" in sys.argv:
                Path("/tmp/trace.json").write_text(json.dumps(events))
            new = [one for one, is_new in zip(found, drawn, strict=False) if is_new]
            print(f"{tab}: {len(found)} frames: {told(found)}; {len(new)} with a new step: {told(new)}")


if __name__ == "__main__":
    main()
