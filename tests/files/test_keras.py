"""Models of Keras's: in, out, and there and back again. PyTorch computes for Keras here."""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from files.foreign import HUNDRED, KINDS, difference, kinds_of, outputs, random_network, random_rows
from pellucid import Dense, Dropout, Network
from pellucid.core import Activation
from pellucid.errors import KindError, MissingLibraryError, SettingError

os.environ.setdefault("KERAS_BACKEND", "torch")  # which Keras reads when it is first imported

Judge = Callable[[str], Any]

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda layers: layers.Activation("linear"),
    "sigmoid": lambda layers: layers.Activation("sigmoid"),
    "tanh": lambda layers: layers.Activation("tanh"),
    "relu": lambda layers: layers.ReLU(),
    "leaky_relu": lambda layers: layers.LeakyReLU(negative_slope=0.01),
    "elu": lambda layers: layers.ELU(),
    "selu": lambda layers: layers.Activation("selu"),
    "gelu": lambda layers: layers.Activation("gelu"),
    "silu": lambda layers: layers.Activation("swish"),
    "softplus": lambda layers: layers.Activation("softplus"),
}
ENDS = ("softmax", "sigmoid", None)
KERAS_WARNS = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")


@pytest.fixture
def keras(judge: Judge) -> Any:
    """Keras, and with it PyTorch."""
    judge("torch")
    return judge("keras")


@contextmanager
def number_type(keras: Any, dtype: str) -> Iterator[None]:
    """Have Keras make layers of a number type meanwhile."""
    before = keras.config.dtype_policy(), keras.config.floatx()
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before[0])
        keras.config.set_floatx(before[1])


def random_model(keras: Any, seed: int) -> Any:
    """Return a model as below, of one number type or the other."""
    with number_type(keras, ("float32", "float64")[seed % 2]):
        return made_at_random(keras, seed)


def made_at_random(keras: Any, seed: int) -> Any:
    """Return a Sequential or a Functional of any depth, norms and scales wherever they may stand."""
    layers, random = keras.layers, np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    made = list(ACTIVATIONS.values())
    shape = ((int(random.integers(1, 9)),), (2, 3))[int(random.random() < 0.3)]

    def some(chance: float, layer: Any) -> list[Any]:
        return [layer] if random.random() < chance else []

    def adapted() -> Any:
        layer = layers.Normalization(axis=None if random.random() < 0.2 else -1)
        layer.adapt(random.normal(1, 2, (32, *shape)))
        return layer

    row = [
        *some(0.4, layers.Rescaling(1 / 127.5, offset=-1.0)),
        *some(0.3, adapted()),
        *some(0.3, layers.BatchNormalization()),
        *(some(0.5, layers.Flatten()) or [layers.Reshape((-1,))]),
    ]
    for depth in range(random.integers(0, 5)):
        n_out, activation = int(random.integers(1, 12)), made[(seed + depth) % len(made)](layers)
        within = random.random() < 0.5
        row += [
            layers.Dense(n_out, activation if within else None, use_bias=random.random() < 0.8),
            *some(0.4, layers.BatchNormalization(center=random.random() < 0.7, scale=random.random() < 0.7)),
            *some(0.2, layers.Dropout(0.3)),
            *([] if within else [activation]),
            *some(0.3, layers.BatchNormalization(epsilon=0.01)),
            *some(0.3, layers.Dropout(0.5)),
            *some(0.1, layers.Activation("tanh")),
        ]
    least = 1 if seed % 3 else 2  # a softmax is over several
    row.append(layers.Dense(int(random.integers(least, 5)), ENDS[seed % 3]))
    model = as_graph(keras, shape, row) if random.random() < 0.4 else keras.Sequential([keras.Input(shape), *row])
    for layer in row:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([random.uniform(0.1, 3, weights.shape) for weights in layer.weights])
        if isinstance(layer, layers.Dense) and layer.use_bias:
            layer.bias.assign(random.normal(size=layer.bias.shape))
    return model


def as_graph(keras: Any, shape: tuple[int, ...], row: list[Any]) -> Any:
    """Return layers as a Functional, the latter half of them a model within it."""
    start = x = keras.Input(shape)
    half = len(row) // 2
    for layer in row[:half]:
        x = layer(x)
    rest = keras.Sequential([keras.Input(x.shape[1:]), *row[half:]])
    return keras.Model(start, rest(x))


def its_outputs(model: Any, X: Any) -> Any:
    """Return what a model gives for rows (its `predict` has NumPy warn of how it makes arrays)."""
    return model(X.reshape(len(X), *model.input_shape[1:])).detach().numpy()


@pytest.mark.parametrize("seed", HUNDRED)
def test_a_model_comes_in_and_goes_back(keras: Any, seed: int) -> None:
    """A random model's outputs are the network's, and those of the model that is made of the network."""
    model = random_model(keras, seed)
    net = Network.of(model)
    assert ("float32", "float64")[seed % 2] == net.spec.dtype
    X = random_rows(seed, net.spec.input.width, net.spec.dtype)
    expected = its_outputs(model, X)
    assert difference(expected, outputs(net, X)) < 1e-5
    assert difference(expected, its_outputs(net.to_keras(), X)) < 1e-5


@pytest.mark.parametrize("seed", HUNDRED)
def test_a_network_goes_out_and_comes_back(keras: Any, seed: int) -> None:
    """A random network comes back with the same spec and the same bits, and meanwhile gives the same outputs."""
    net = random_network(seed)
    X = random_rows(seed, net.spec.input.width, net.spec.dtype)
    model = net.to_keras()
    assert difference(outputs(net, X), its_outputs(model, X)) < 1e-5
    assert net.spec == Network.of(model, loss=net.spec.loss).spec
    back = Network.of(model)
    assert net.fingerprint == back.fingerprint
    assert difference(outputs(net, X), outputs(back, X)) < 1e-5


def test_all_kinds_of_outputs_are_among_the_hundred(keras: Any) -> None:
    """One probability and several, one value and several, and classes."""
    assert kinds_of(Network.of(random_model(keras, seed)).spec for seed in HUNDRED) == KINDS


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_the_same(keras: Any, name: str) -> None:
    """Keras's function is ours, far from 0, too."""
    X = np.linspace(-30, 30, 241).reshape(-1, 1)
    layers = keras.layers
    with number_type(keras, "float64"):
        row = [layers.Dense(1), ACTIVATIONS[name](layers), layers.Dense(1)]
        model = keras.Sequential([keras.Input((1,)), *row])
    net = Network.of(model)
    assert name == net.spec.dense[0].activation
    assert difference(its_outputs(model, X), outputs(net, X)) < 1e-6  # Keras multiplies in float32 in any case


@KERAS_WARNS
def test_a_file_of_it_is_keras_own(keras: Any, tmp_path: Path) -> None:
    """It holds no class of Pellucid's; read again it is the same network, its scales to the last bit."""
    net = Network([3, 5, 2], input_scale=[0.1, 0.2, 0.3], input_shift=[1, 2, 3], loss="mse", seed=3)
    X = random_rows(0, 3, "float32")
    net.fit(X, X[:, :2] * 3 + 1, epochs=1)
    model = net.to_keras()
    model.save(tmp_path / "net.keras")
    again = keras.models.load_model(tmp_path / "net.keras")
    assert all(type(layer).__module__.startswith("keras.") for layer in again.layers)
    np.testing.assert_array_equal(its_outputs(model, X), its_outputs(again, X))
    assert net.spec == Network.of(again).spec
    assert net.fingerprint == Network.of(again).fingerprint


def test_weights_and_names_are_kept(keras: Any) -> None:
    """Each weight is the model's to the last bit, layers are called as here, and names are those given."""
    net = Network([4, Dense(8, "tanh"), Dropout(0.2), 3], seed=3)
    model = net.to_keras()
    np.testing.assert_array_equal(net["layer_1"].weights.T, model.get_layer("layer_1").kernel.value.detach().numpy())
    back = Network.of(model, classes=["a", "b", "c"], features=list("wxyz"))
    assert {"a", "b", "c"} >= set(back.predict(np.eye(4)))
    assert ("w", "x", "y", "z") == back.spec.input.features


def test_a_network_takes_bytes_there_too(keras: Any) -> None:
    """The scaling of the inputs is within the model, exactly, and bytes may be given as bytes."""
    net = Network([4, 8, 3], input_scale=1 / 255, seed=3)
    X = np.random.default_rng(0).integers(0, 256, (16, 4), dtype=np.uint8)
    model = net.to_keras()
    assert difference(net.predict_proba(X), its_outputs(model, X)) < 1e-6
    assert 1 / 255 == Network.of(model).spec.input.scale


def test_logits_leave_the_softmax_off(keras: Any) -> None:
    """The model then gives what Keras's losses want with from_logits=True."""
    net = Network([3, 5, 4], seed=1)
    X = random_rows(0, 3, "float32")
    logits = its_outputs(net.to_keras(logits=True), X)
    powers = np.exp(logits)
    assert difference(net.predict_proba(X), powers / powers.sum(axis=1, keepdims=True)) < 1e-6
    assert net.spec == Network.of(net.to_keras(logits=True), loss="cross_entropy").spec


def test_normalization_back_to_own_units(keras: Any) -> None:
    """Values that a last Normalization brings to their own units get them from the network's output."""
    layers = keras.layers
    units = layers.Normalization(mean=[5.0, 7.0], variance=[4.0, 9.0], invert=True)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2), units])
    net = Network.of(model, targets=["a", "b"])
    assert ((2.0, 3.0), (5.0, 7.0)) == (net.spec.output.scale, net.spec.output.shift)
    X = random_rows(0, 3, "float32")
    assert difference(its_outputs(model, X), outputs(net, X)) < 1e-6


@pytest.mark.parametrize(("policy", "limit"), [("float16", 2e-3), ("mixed_float16", 2e-3), ("mixed_bfloat16", 2e-2)])
def test_half_precision_is_computed_in_float32(keras: Any, policy: str, limit: float) -> None:
    """Each weight is kept; outputs differ by what halves round off."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "tanh", dtype=policy)])
    net = Network.of(model)
    weights = model.layers[0].kernel.value.detach().float().numpy().T
    assert net.spec.dtype == "float32"
    np.testing.assert_array_equal(weights, net["output"].weights)
    X = random_rows(0, 3, "float32")
    expected = model(X).detach().float().numpy()
    assert difference(expected, outputs(net, X)) < limit


def refused(keras: Any) -> dict[str, tuple[Any, str]]:
    """Return models that cannot be represented, and how the layer at fault is named."""
    layers = keras.layers
    start = keras.Input((2,))
    way = layers.Dense(3, name="way")(start)
    other = layers.Dense(3, name="other")(start)

    class Own(keras.Model):  # type: ignore[misc, name-defined]
        def call(self, x: Any) -> Any:
            return x * 2

    class OwnLayer(layers.Layer):  # type: ignore[misc, name-defined]
        def call(self, x: Any) -> Any:
            return x * 2

    def row(*rest: Any, shape: tuple[int, ...] = (2,)) -> Any:
        return keras.Sequential([keras.Input(shape), *rest])

    replaced, called, hooked, whole = (row(layers.Dense(2, name="d")) for _ in range(4))
    replaced.layers[0].call = abs
    called.layers[0].forward = abs
    hooked.layers[0].register_forward_hook(lambda layer, given, out: out * 2)
    whole.call = abs

    class OwnCall(keras.Sequential):  # type: ignore[misc, name-defined]
        def __call__(self, *given: Any, **more: Any) -> Any:
            return super().__call__(*given, **more) * 2

    quantized = row(layers.Dense(2, name="few"))
    quantized.layers[0].quantize("int8")
    return {
        "merging": (keras.Model(start, layers.Add(name="sum")([way, other])), "Add 'sum' joins 2 branches"),
        "branching": (keras.Model(start, [way, other]), "1 inputs and 2 outputs"),
        "an operation": (keras.Model(start, way * 2), "Multiply"),
        "a convolution": (row(layers.Conv1D(1, 1, name="conv"), shape=(4, 1)), "Conv1D 'conv'"),
        "recurrence": (row(layers.LSTM(2, name="again"), shape=(4, 1)), "LSTM 'again'"),
        "nested": (row(row(layers.PReLU(name="slopes"))), "PReLU 'slopes'"),
        "another slope": (row(layers.LeakyReLU(name="leak")), "LeakyReLU 'leak' has negative_slope=0.3"),
        "a slope by name": (row(layers.Dense(2, "leaky_relu", name="d")), "Dense 'd' has the activation.*leaky_relu"),
        "relu 6": (row(layers.ReLU(6, name="r")), "ReLU 'r' has max_value=6"),
        "a function": (row(layers.Dense(2, lambda x: x * 2, name="d")), "Dense 'd' has the activation.*<lambda>"),
        "gelu by tanh": (row(layers.Dense(2, keras.ops.gelu, name="d")), "Dense 'd' has the activation.*ops.*gelu"),
        "softmax within": (row(layers.Dense(2, "softmax", name="d"), layers.Dense(2)), "Dense 'd''s softmax"),
        "log softmax": (row(layers.Dense(2, "log_softmax")), "log_softmax"),
        "layer norm": (row(layers.LayerNormalization(name="l")), "LayerNormalization 'l'"),
        "noise": (row(layers.GaussianNoise(0.1, name="g")), "GaussianNoise 'g'"),
        "the last axis": (
            row(layers.Dense(2, name="d"), shape=(2, 2)),
            r"Dense 'd' works along the last axis.*\(2, 2\)",
        ),
        "softmax there": (row(layers.Activation("softmax", name="s"), shape=(2, 2)), "Activation 's' works along"),
        "another axis": (row(layers.BatchNormalization(1, name="b"), shape=(2, 2)), "'b' has axis=1"),
        "channels first": (row(layers.Flatten("channels_first", name="f"), shape=(2, 2)), "'f' has data_format"),
        "its own": (Own(), "computes by a function of its own"),
        "its own layer": (row(OwnLayer(name="o")), "OwnLayer 'o'"),
        "a replaced call": (replaced, r"Dense 'd' has a call of its own.*del layer\.call"),
        "a replaced forward": (called, "Dense 'd' has a forward of its own"),
        "hooks": (hooked, "Dense 'd' has hooks"),
        "a replaced call of the whole": (whole, "Sequential '.*' has a call of its own"),
        "its own way to be called": (OwnCall([keras.Input((2,)), layers.Dense(2)]), "OwnCall.*whose __call__"),
        "no weights yet": (keras.Sequential([layers.Dense(2)]), "no weights yet"),
        "quantised": (quantized, "Dense 'few' is quantised"),
        "no Dense": (row(layers.Rescaling(2.0)), "no layer with weights"),
        "no size": (row(layers.ReLU(), shape=(None,)), "sizes that are known"),
    }


@KERAS_WARNS
def test_what_cannot_be_represented_is_refused_by_name(keras: Any) -> None:
    """Each error names the layer, and what to do."""
    for what, (model, named) in refused(keras).items():
        with pytest.raises((KindError, SettingError), match=named):
            pytest.fail(f"{what} was taken: {Network.of(model)}")


def test_networks_with_what_is_ones_own_stay(keras: Any) -> None:
    """An activation of one's own is refused by its name."""
    sine = Activation("sine", np.sin, lambda Z, A: np.cos(Z))
    with pytest.raises(SettingError, match="'sine' is of your own"):
        Network([2, Dense(3, sine), 2]).to_keras()


@pytest.mark.parametrize("missing", ["keras", "tensorflow"])
def test_without_keras_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """Where Keras, or what computes for it, is missing, only what needs it fails."""
    importing = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "pellucid.files._keras_layers":
            raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)
        return importing(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingLibraryError, match=f"{missing} is not installed.*pip install keras torch"):
        Network([2, 2]).to_keras()
