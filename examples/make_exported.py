"""Makes examples/exported anew: one small network, which tells irises apart, in every language.

The network is trained, too: a recipe has the same bits everywhere, so that whoever runs this gets these files.
"""

from __future__ import annotations

from pathlib import Path

from sklearn.datasets import load_iris

from pellucid import Network
from pellucid.export import LANGUAGES

EXPORTED = Path(__file__).with_name("exported")
FILES = {"c": "iris.h", "javascript": "iris.mjs", "java": "Iris.java", "csharp": "Iris.cs", "column": "iris_column.py"}
ENDINGS = {language: next(iter(files)) for language, files in LANGUAGES.items()}


def trained() -> Network:
    """A network of four measurements in centimetres, and three kinds of iris."""
    iris = load_iris()
    X = iris.data.astype("float32")
    features = [name.removesuffix(" (cm)") for name in iris.feature_names]
    net = Network(
        [4, 8, 3],
        activation="tanh",
        classes=[str(name) for name in iris.target_names],
        features=features,
        input_shift=X.mean(axis=0).round(2).tolist(),
        input_scale=(1 / X.std(axis=0)).round(2).tolist(),
        seed=0,
    )
    net.fit(X, iris.target, epochs=60, batch_size=15, learning_rate=0.02, schedule="linear", progress=False)
    return net


def export(net: Network, folder: Path) -> list[Path]:
    """Write the network in every language; return the files."""
    X = load_iris().data
    found: list[Path] = []
    for language, ending in ENDINGS.items():
        file = folder / FILES.get(language, f"iris{ending}")
        found += net.export(file, to=language, data=X)
    return found


if __name__ == "__main__":
    net = trained()
    net.save(EXPORTED / "iris.safetensors")
    for file in export(net, EXPORTED):
        print(f"{file.name}: {file.stat().st_size:,} bytes")
