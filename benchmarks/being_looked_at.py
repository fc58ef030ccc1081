"""What it costs a run to be looked at, and how soon the explorer answers; ``python benchmarks/being_looked_at.py``.

Pairs of runs of the MNIST network, one with a viewer in a process of its own that asks for 10 frames a second over the
page's own socket, one without, in turn; then the time of single answers, and of a pause, over that socket.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from typing import Any

from pellucid import Network, Run
from pellucid.datasets import load_mnist
from pellucid.explorer._server import Server
from pellucid.explorer._session import Session

PAIRS, EPOCHS, FRAMES = 25, 18, 10
LOOK = {"sample": {"set": "test", "row": 8}, "first": 0, "count": 12, "edges": 150, "by": "weight", "pictures": 64}
HERE = {"run": "run", "step": None}


def started(epochs: int = EPOCHS) -> Run:
    mnist = load_mnist()
    net = Network([784, 32, 32, 10], activation="relu", initializer="glorot", input_scale=1 / 255, seed=0)
    recipe = {"batch_size": 64, "optimizer": "adam", "learning_rate": 6e-3, "schedule": "linear"}
    return net.start(mnist.X_train, mnist.y_train, epochs=epochs, **recipe)


def session_of(run: Run) -> Session:
    mnist = load_mnist()
    return Session(run, {"test": (mnist.X_test, mnist.y_test)})


class Client:
    """A viewer: asks over the socket, as the page does."""

    def __init__(self, url: str) -> None:
        from websockets.sync.client import connect

        origin = "/".join(url.split("/")[:3])
        address = url.replace("http:", "ws:") + "socket"
        self.socket = connect(address, origin=origin, proxy=None, max_size=None).__enter__()  # type: ignore[arg-type]
        self.number = 0

    def ask(self, ask: str, **fields: Any) -> dict[str, Any]:
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "ask": ask, **fields}))
        message = self.socket.recv()
        assert isinstance(message, bytes)
        header = json.loads(message[8 : 8 + int.from_bytes(message[:4], "little")])
        assert header["id"] == self.number
        if header["answer"] == "Refused":
            raise RuntimeError(header["message"])
        return header


def view(url: str) -> None:
    """Ask for frames until the input ends; print how many came."""
    client, frames, due = Client(url), 0, time.perf_counter()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    import threading

    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    while not ended.is_set():
        client.ask("AskStatus")
        client.ask("Look", where=HERE, **LOOK)
        frames += 1
        due += 1 / FRAMES
        time.sleep(max(0.0, due - time.perf_counter()))
    sys.stdout.write(f"{frames}\n")


def trained(viewed: bool) -> tuple[float, int, str]:
    """Return how many seconds a run takes, how many frames were looked at, and its fingerprint."""
    run = started()
    if not viewed:
        begun = time.perf_counter()
        run.finish(progress=False)
        return time.perf_counter() - begun, 0, run.fingerprint
    server = Server(session_of(run))
    server.start()
    viewer = subprocess.Popen([sys.executable, __file__, server.url], stdin=-1, stdout=-1, text=True)
    assert viewer.stdin is not None
    assert viewer.stdout is not None
    viewer.stdout.readline()
    begun = time.perf_counter()
    run.finish(progress=False)
    seconds = time.perf_counter() - begun
    viewer.stdin.close()
    frames = int(viewer.stdout.readline())
    viewer.wait()
    server.close()
    return seconds, frames, run.fingerprint


def publishing() -> None:
    ratios, frames, bits = [], 0, set()
    for pair in range(PAIRS):
        order = (True, False) if pair % 2 else (False, True)
        found = {viewed: trained(viewed) for viewed in order}
        ratios.append(found[True][0] / found[False][0])
        frames += found[True][1]
        bits |= {found[True][2], found[False][2]}
    print(
        f"publishing: median of {PAIRS} pairs {statistics.median(ratios) - 1:+.1%} "
        f"(quartiles {statistics.quantiles(ratios)[0] - 1:+.1%}, {statistics.quantiles(ratios)[2] - 1:+.1%}), "
        f"{frames / PAIRS:.1f} frames a run, {len(bits)} fingerprint{'s' if len(bits) > 1 else ''}"
    )


def timed(what: str, ask: Any, count: int = 40) -> None:
    times = []
    for place in range(count):
        begun = time.perf_counter()
        ask(place)
        times.append(1000 * (time.perf_counter() - begun))
    print(f"{what}: median {statistics.median(times):.1f} ms, longest {max(times):.1f} ms")


def answers() -> None:
    run = started(6)
    run.finish(progress=False)
    server = Server(session_of(run))
    server.start()
    client = Client(server.url)
    step = lambda place: {"run": "run", "step": (place * 1237) % run.last_step}  # noqa: E731
    neuron = {"sample": LOOK["sample"], "layer": "layer_1", "node": 4}
    timed("scrubbing to a step (Look)", lambda k: client.ask("Look", where=step(k), **LOOK))
    timed("a neuron", lambda k: client.ask("AskNeuron", where=HERE, **neuron, first=k, count=12, order="product"))
    timed("a receipt", lambda k: client.ask("AskReceipt", where=step(k), **neuron, input=400, of="step"))
    why = {"sample": LOOK["sample"], "this": None, "rather": None, "place": "input", "count": 10}
    timed("why", lambda k: client.ask("AskWhy", where=HERE, **why))
    hand = {"kind": "bias", "layer": "layer_1", "node": 4, "input": None}
    timed("an edit and its accuracy on 10,000 images", lambda k: client.ask("Hand", where=HERE, **hand, value=0.01 * k))
    server.close()


def pauses() -> None:
    run = started(400)
    server = Server(session_of(run))
    server.start()
    client, times = Client(server.url), []
    for _ in range(20):
        client.ask("Train", run="run", do="start", steps=1, pace=0)
        time.sleep(0.1)
        begun = time.perf_counter()
        at = client.ask("Train", run="run", do="pause", steps=1, pace=0)["runs"][0]["step"]
        times.append(1000 * (time.perf_counter() - begun))
        assert at == run.last_step
    print(f"pause: median {statistics.median(times):.1f} ms, longest {max(times):.1f} ms")
    server.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        view(sys.argv[1])
    else:
        publishing()
        answers()
        pauses()
