"""ONNX models: what Pellucid writes runs elsewhere as it does here, and comes back as it was."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.polynomial import polynomial

from pellucid import Activation, Dense, Dropout, Network
from pellucid.core import ACTIVATIONS, LOSSES, Loss, Output, Spec, Task, initial_parameters
from pellucid.errors import ModelFileError, SettingError
from pellucid.files import onnx_of, save_onnx
from pellucid.files._onnx._activations import ERFC

Judge = Callable[[str], Any]

NETWORKS, TOLERANCE = 1_000, 1e-5
"""How many random networks are exported, and |a − b| ≤ 10⁻⁵·max(1, |a|), against predict and predict_proba."""


def random_spec(rng: np.random.Generator, number: int) -> Spec:
    """Return a spec; numbers in a row go through both types and all losses, and draw all else."""
    dtype, loss = ("float32", "float64")[number % 2], list(LOSSES.values())[number // 2 % len(LOSSES)]()
    width, depth, names = int(rng.integers(1, 9)), int(rng.integers(1, 7)), list(ACTIVATIONS)
    outputs = (
        int(rng.integers(2, 6)) if loss.task is Task.CLASSES else int(rng.integers(1, 5)) * loss.outputs_per_target
    )
    layers: list[Any] = [width]
    for _ in range(depth - 1):
        layers.append(Dense(int(rng.integers(1, 13)), str(rng.choice(names))))
        layers += [Dropout(0.2)] if rng.random() < 0.2 else []
    layers.append(Dense(outputs, None if loss.owns_output else str(rng.choice(names))))
    n_classes = 2 if outputs == 1 else outputs
    classes = [None, [f"klasse {j} é" for j in range(n_classes)], [7 * j - 3 for j in range(n_classes)]]
    spec = Spec.of(
        layers,
        loss=loss,
        dtype=dtype,
        classes=None if loss.task is Task.VALUES else classes[int(rng.integers(3))],
        features=[f"x{i}" for i in range(width)] if rng.random() < 0.5 else None,
        input_scale=[1.0, 1 / 3, rng.uniform(0.1, 2, width).tolist()][int(rng.integers(3))],
        input_shift=[0.0, 0.1, rng.normal(size=width).tolist()][int(rng.integers(3))],
    )
    if loss.task is Task.VALUES and not loss.counts and rng.random() < 0.7:
        units = tuple(rng.uniform(0.5, 30, outputs)), tuple(rng.normal(size=outputs))
        spec = dataclasses.replace(spec, output=Output(None, *units))
    return spec


def random_network(rng: np.random.Generator, number: int) -> Network:
    spec = random_spec(rng, number)
    vector = initial_parameters(spec, number).vector
    vector += rng.normal(scale=0.1, size=vector.size).astype(vector.dtype)
    return Network.of_parts(spec, vector)


def model_of(net: Network) -> Any:
    return onnx_of(net.spec, net._parameters)


def run(onnxruntime: Any, model: Any, X: np.ndarray) -> dict[str, np.ndarray]:
    """Return ONNX Runtime's outputs by name."""
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"X": X}), strict=True))


def furthest(net: Network, outputs: dict[str, np.ndarray], X: np.ndarray) -> float:
    """Return max |a − b| / max(1, max |a|) of predictions a and outputs b; check labels, but where sums tie."""
    if net.spec.loss.task is Task.VALUES:
        expected, actual = net.predict(X).reshape(len(X), -1), outputs["values"]
    else:
        expected, actual = net.predict_proba(X), outputs["probabilities"]
        assert (net.predict(X) == outputs["label"])[~ties(net, X)].all()
        assert net.predict(X).shape == outputs["label"].shape
    assert (expected.dtype, expected.shape) == (actual.dtype, actual.shape)
    return float(np.abs(expected - actual).max() / max(1, np.abs(expected).max()))


def ties(net: Network, X: np.ndarray) -> np.ndarray:
    """Return whether the rounding of a sum could decide a label, for each label."""
    Z = net._output(X, None)
    if net.spec.loss.task is Task.CLASSES:
        ranked = np.sort(Z, axis=1)
        return np.asarray(ranked[:, -1] - ranked[:, -2] < TOLERANCE)
    return np.asarray(np.abs(Z) < TOLERANCE).reshape(net.predict(X).shape)


def same(net: Network, again: Network) -> bool:
    return net.spec == again.spec and net.parameters.tobytes() == again.parameters.tobytes()


def test_random_networks_run_elsewhere_as_here_and_come_back_as_they_were(judge: Judge) -> None:
    """Every head, both types: valid by ONNX's checker, near in ONNX Runtime, the same spec and bits when read again."""
    onnx, onnxruntime = judge("onnx"), judge("onnxruntime")
    rng = np.random.default_rng(8)
    for number in range(NETWORKS):
        net = random_network(rng, number)
        model = model_of(net)
        onnx.checker.check_model(model, full_check=True)
        X = (2 * rng.normal(size=(20, net.spec.input.width))).astype(net.spec.dtype)
        assert furthest(net, run(onnxruntime, model, X), X) <= TOLERANCE
        assert same(net, Network.from_onnx(model.SerializeToString()))


def test_models_are_read_by_what_they_compute_where_they_do_not_tell(judge: Judge) -> None:
    """Without metadata, too, a network of the same predictions is read; every activation is told by its nodes alone."""
    judge("onnx")
    rng = np.random.default_rng(9)
    for number in range(NETWORKS // 4):
        net = random_network(rng, number)
        model = model_of(net)
        del model.metadata_props[:]
        usual = {"cross_entropy", "binary_cross_entropy", "poisson"}
        again = Network.from_onnx(model, loss=None if net.spec.loss.name in usual else net.spec.loss)
        X = rng.normal(size=(20, net.spec.input.width)).astype(net.spec.dtype)
        assert np.allclose(
            net.predict(X) if "entropy" not in net.spec.loss.name else net.predict_proba(X),
            again.predict(X) if "entropy" not in net.spec.loss.name else again.predict_proba(X),
            rtol=1e-5,
            atol=1e-5,
        )


@pytest.mark.filterwarnings("ignore::pellucid.errors.ScaleWarning")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_holds_at_every_size(activation: str, dtype: str, judge: Judge) -> None:
    """Near 0, in the tails, and where powers would overflow; in float64 to 14 digits."""
    judge("onnx")
    net = Network([1, Dense(1, activation), 1], loss="mse", dtype=dtype, standardize_targets=False)
    net.parameters[:] = [1, 0, 1, 0]
    sizes = np.concatenate([np.linspace(0, 12, 500), np.geomspace(1e-8, 1e30, 200)])
    X = np.concatenate([sizes, -sizes])[:, np.newaxis].astype(dtype)
    expected, actual = net.predict(X), run(judge("onnxruntime"), model_of(net), X)["values"][:, 0]
    within = 1e-6 if dtype == "float32" else 1e-14
    assert (np.abs(expected - actual) <= within * np.maximum(1, np.abs(expected))).all()


def test_erfc_is_as_near_as_it_says() -> None:
    """Python's own erfc judges the polynomial by which gelu is written in float64."""
    for u in np.linspace(0, 26, 2_000):
        t = 2 / (2 + u)
        found = t * math.exp(-u * u) * polynomial.polyval(2 * t - 1, ERFC)
        assert abs(found - math.erfc(u)) <= 2e-15 * (1 + u * u) * math.erfc(u)


def test_a_model_tells_what_is_in_it(judge: Judge) -> None:
    """Names, types and shapes of input and outputs, operators' version, and names and spec in the metadata."""
    judge("onnx")
    net = Network([3, 4, Dropout(0.5), 2], classes=["no", "yes"], features=["a", "b", "c"], input_shift=1.0)
    model = model_of(net)
    assert [("", 20)] == [(opset.domain, opset.version) for opset in model.opset_import]
    assert ["X"] == [given.name for given in model.graph.input]
    assert ["probabilities", "label"] == [output.name for output in model.graph.output]
    assert ["Sub", "Gemm", "Relu", "Gemm", "Softmax", "ArgMax", "Gather"] == [node.op_type for node in model.graph.node]
    told = {prop.key: prop.value for prop in model.metadata_props}
    assert net.spec == Spec.from_json(told["pellucid.spec"])
    assert (["no", "yes"], ["a", "b", "c"]) == (json.loads(told["classes"]), json.loads(told["features"]))
    assert 'classes: ["no", "yes"]' == model.graph.output[0].doc_string


@pytest.mark.parametrize(("outputs", "shape", "label"), [(1, (5, 2), (5,)), (3, (5, 3), (5, 3))])
def test_yes_or_no_has_the_columns_that_predict_proba_has(
    outputs: int, shape: tuple[int, ...], label: tuple[int, ...], judge: Judge
) -> None:
    """One output: no and yes; several: yes of each, and 0 or 1 for a label."""
    judge("onnx")
    net = Network([2, outputs], loss="binary_cross_entropy", classes=["no", "yes"] if outputs == 1 else None)
    X = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
    found = run(judge("onnxruntime"), model_of(net), X)
    assert (shape, label) == (found["probabilities"].shape, found["label"].shape)
    assert net.predict(X).tolist() == found["label"].tolist()


def test_what_is_of_ones_own_is_refused_by_name(judge: Judge) -> None:
    """A model holds ONNX's operators alone."""
    judge("onnx")
    bent = Activation("bent", lambda Z: Z / (1 + np.abs(Z)), lambda Z, A: (1 - np.abs(A)) ** 2)
    with pytest.raises(SettingError, match="the activation 'bent', which its user wrote"):
        model_of(Network([2, Dense(3, bent), 2]))

    @dataclasses.dataclass(frozen=True)
    class LogCosh(Loss):
        name = "log_cosh"
        task = Task.VALUES

        def function(self, A: Any, T: Any) -> Any:
            return np.log(np.cosh(A - T)).mean(axis=1), lambda: np.tanh(A - T) / A.shape[1]

    with pytest.raises(SettingError, match="the loss 'log_cosh', which its user wrote"):
        model_of(Network([2, 1], loss=LogCosh()))


def test_what_no_model_can_hold_is_refused(judge: Judge) -> None:
    """Numbers that are not finite, and a name beyond 64 bits."""
    judge("onnx")
    net = Network([2, 2])
    net["output"].weights[0, 0] = np.inf
    with pytest.raises(SettingError, match="NaN or infinity"):
        model_of(net)
    with pytest.raises(SettingError, match="does not fit into 64 bits"):
        model_of(Network([2, 2], classes=[1, 2**70]))


def test_a_file_is_written_whole_and_read_by_path_bytes_or_model(tmp_path: Path, judge: Judge) -> None:
    """The same bytes for the same network, through a temporary file."""
    onnx = judge("onnx")
    net, path = Network([3, 4, 2]), tmp_path / "net.onnx"
    save_onnx(path, net.spec, net._parameters)
    assert [path] == list(tmp_path.iterdir())
    content = path.read_bytes()
    save_onnx(path, net.spec, net._parameters)
    assert content == path.read_bytes()
    for given in (path, str(path), content, memoryview(content), onnx.load(str(path))):
        assert same(net, Network.from_onnx(given))


def test_weights_are_the_graphs_and_a_changed_graph_is_refused(judge: Judge) -> None:
    """The metadata are not believed: what a tool has trained on counts, and what it has rebuilt is named."""
    onnx = judge("onnx")
    net = Network([2, Dense(3, "tanh"), 2], classes=["a", "b"])
    model = model_of(net)
    bias = next(tensor for tensor in model.graph.initializer if tensor.name == "output.bias")
    bias.CopyFrom(onnx.numpy_helper.from_array(np.array([5, -5], dtype=np.float32), "output.bias"))
    changed = Network.from_onnx(model)
    assert ([5, -5], ("a", "b")) == (changed["output"].biases.tolist(), changed.spec.output.names)
    tanh = next(node for node in model.graph.node if node.op_type == "Tanh")
    tanh.op_type = "Sigmoid"
    with pytest.raises(ModelFileError, match="describe another network than its graph computes"):
        Network.from_onnx(model)
    del model.metadata_props[:]
    assert ("sigmoid", ("a", "b")) == (Network.from_onnx(model).spec.dense[0].activation, changed.spec.output.names)


def test_names_are_not_given_to_what_tells_them(judge: Judge) -> None:
    """A model of Pellucid's tells its loss and names."""
    judge("onnx")
    with pytest.raises(SettingError, match="Leave loss, classes, targets and features out"):
        Network.from_onnx(model_of(Network([2, 2])), classes=["a", "b"])


def test_models_of_pytorch_are_read(judge: Judge) -> None:
    """What torch.onnx writes of dense networks, at several versions of ONNX's operators, predicts the same."""
    judge("onnx")
    torch = judge("torch")
    torch.manual_seed(0)
    nn = torch.nn
    norm = nn.BatchNorm1d(3)
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 2)
    kinds = (nn.ReLU, nn.LeakyReLU, nn.ELU, nn.SELU, nn.GELU, nn.SiLU, nn.Softplus, nn.Sigmoid, nn.Tanh)
    models = {
        "3-5-5-5-5-5-5-5-5-5-2": [
            *(m for i, kind in enumerate(kinds) for m in (nn.Linear(5 if i else 3, 5), kind())),
            nn.Linear(5, 2),
        ],
        "3-4-2": [
            norm,
            nn.Linear(3, 4),
            nn.BatchNorm1d(4),
            nn.ReLU(),
            nn.Dropout(0.3),
            nn.Linear(4, 2),
            nn.Softmax(-1),
        ],
        "3-1": [nn.Flatten(), nn.Linear(3, 1, bias=False), nn.Softplus(beta=2)],
    }
    X = torch.randn(6, 3)
    for widths, modules in models.items():
        model = nn.Sequential(*modules).eval()
        for version in (11, 13, 17, 20):
            file = io.BytesIO()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                torch.onnx.export(model, (X,), file, dynamo=False, opset_version=version)
            net = Network.from_onnx(file.getvalue())
            assert repr(net).startswith(f"Network {widths}:")
            found = net.predict(X.numpy()) if net.spec.loss.task is Task.VALUES else net.predict_proba(X.numpy())
            assert np.allclose(model(X).detach().numpy().reshape(found.shape), found, rtol=1e-5, atol=1e-5)
