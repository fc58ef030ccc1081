"""Who is measured. Each peer is one file, the only one that imports its library; it offers what it can of

``Trainer(task, threads)``
    ``prepare(seed, epochs)``, untimed; then ``fit()``, a whole training from data to trained network, or
    ``steps()``, the same steps without what `fit` does once. ``score(X, y)``: the share that it reads correctly.
``Predictor(task, threads)``
    ``rows``, the test images as this peer takes them; called with some of them, it returns their probabilities.
``multiply(A, B)``
    A matrix product; or ``products(shapes, repeats)``, their seconds, where a layout of its own matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True)
class Peer:
    """A contender: how it is called, what must be installed for it, and on how many threads it may be its best."""

    name: str
    library: str
    threads: tuple[int | None, ...] = (1, 2)  # None: as it comes

    @property
    def installed(self) -> bool:
        return find_spec(self.library) is not None


PEERS = {
    "ours": Peer("Pellucid", "pellucid", (None,)),
    "scikit": Peer("scikit-learn", "sklearn"),
    "pytorch": Peer("PyTorch eager", "torch"),
    "jax_scan": Peer("JAX jit+scan", "jax"),
    "onnx_runtime": Peer("ONNX Runtime", "onnxruntime"),
    "numpy_core": Peer("NumPy core", "pellucid", (1,)),
    "openblas": Peer("sgemm", "numpy"),
}
