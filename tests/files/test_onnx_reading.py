"""ONNX models that others wrote: dense networks are read, whatever their graph looks like, and all else is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pellucid import Dropout, Network
from pellucid.core import Task
from pellucid.errors import KindError, SettingError

Judge = Callable[[str], Any]
Nodes = list[tuple[Any, ...]]

RNG = np.random.default_rng(11)
W1, B1 = RNG.normal(size=(4, 6)).astype(np.float32), RNG.normal(size=6).astype(np.float32)
W2, B2 = RNG.normal(size=(6, 3)).astype(np.float32), RNG.normal(size=3).astype(np.float32)
W3, B3 = W2[:, :1].copy(), B2[:1].copy()
HIDDEN: Nodes = [("MatMul", "x W1", "p"), ("Add", "p B1", "q"), ("Relu", "q", "h")]
FLOAT, INT64, STRING = 1, 7, 8


def model(
    onnx: Any,
    nodes: Nodes,
    outputs: dict[str, int],
    *,
    given: tuple[int, list[Any]] = (FLOAT, ["N", 4]),
    version: int = 17,
    **constants: np.ndarray,
) -> Any:
    """Return a model of nodes (operator, inputs, outputs, settings), whose names are parted by blanks."""
    helper = onnx.helper
    made = []
    for op, taken, shown, *settings in nodes:
        domain = "ai.onnx.ml" if op in {"ArrayFeatureExtractor", "Normalizer", "Scaler", "ZipMap"} else ""
        names = [name.replace("-", "") for name in taken.split(" ")]
        made.append(helper.make_node(op, names, shown.split(), domain=domain, **(settings[0] if settings else {})))
    known = {"W1": W1, "B1": B1, "W2": W2, "B2": B2, "W3": W3, "B3": B3, **constants}
    used = {name for node in made for name in node.input}
    stored = [onnx.numpy_helper.from_array(np.asarray(v), k) for k, v in known.items() if k in used]
    zipped = {node.output[0]: node for node in made if node.op_type == "ZipMap"}
    values = []
    for name, kind in outputs.items():
        if name in zipped:
            of = helper.make_tensor_type_proto(FLOAT, [])
            key = STRING if any(a.name == "classlabels_strings" for a in zipped[name].attribute) else INT64
            told = helper.make_sequence_type_proto(helper.make_map_type_proto(key, of))
            values.append(helper.make_value_info(name, told))
        else:
            values.append(helper.make_tensor_value_info(name, kind, ["N"] if kind in {INT64, STRING} else ["N", "M"]))
    graph = helper.make_graph(made, "g", [helper.make_tensor_value_info("x", *given)], values, stored)
    opsets = [helper.make_opsetid("", version), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def outputs_of(onnxruntime: Any, proto: Any, X: np.ndarray) -> list[Any]:
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    found: list[Any] = session.run(None, {"x": X})
    return found


@pytest.fixture
def X() -> np.ndarray:
    return np.random.default_rng(12).normal(size=(7, 4)).astype(np.float32)


def test_scikit_learns_classifier_of_two_classes_as_skl2onnx_writes_it(judge: Judge, X: np.ndarray) -> None:
    """1 − p beside p, labels looked up in a list, and a map from names to probabilities."""
    onnx = judge("onnx")
    tail: Nodes = [
        *[("MatMul", "h W3", "s"), ("Add", "s B3", "z"), ("Sigmoid", "z", "yes"), ("Sub", "one yes", "no")],
        ("Concat", "no yes", "both", {"axis": 1}),
        ("ArgMax", "both", "place", {"axis": 1}),
        ("ArrayFeatureExtractor", "names place", "found"),
        ("Reshape", "found flat", "label"),
        ("ZipMap", "both", "probabilities", {"classlabels_strings": ["ham", "spam"]}),
    ]
    names, flat, one = np.array(["ham", "spam"], dtype=object), np.array([-1]), np.ones(1, np.float32)
    shown = {"label": STRING, "probabilities": 0}
    proto = model(onnx, [*HIDDEN, *tail], shown, names=names, flat=flat, one=one)
    net = Network.from_onnx(proto)
    labels, maps = outputs_of(judge("onnxruntime"), proto, X)
    assert ("Network 4-6-1: 37 parameters, binary_cross_entropy", ("ham", "spam")) == (repr(net), net.spec.output.names)
    assert labels.tolist() == net.predict(X).tolist()
    expected = [[one["ham"], one["spam"]] for one in maps]
    assert np.allclose(expected, net.predict_proba(X), rtol=0, atol=1e-6)


def test_scikit_learns_classifier_of_several_classes_as_skl2onnx_writes_it(judge: Judge, X: np.ndarray) -> None:
    """Numbers for names; the input comes in as float64 and is cast."""
    onnx = judge("onnx")
    nodes: Nodes = [
        ("Cast", "x", "c", {"to": FLOAT}),
        ("MatMul", "c W1", "p"),
        *HIDDEN[1:],
        *[("MatMul", "h W2", "s"), ("Add", "s B2", "z"), ("Softmax", "z", "probabilities", {"axis": 1})],
        ("ArgMax", "probabilities", "place", {"axis": 1}),
        ("ArrayFeatureExtractor", "names place", "found"),
        ("Reshape", "found flat", "label"),
    ]
    shown = {"label": INT64, "probabilities": FLOAT}
    proto = model(onnx, nodes, shown, given=(11, ["N", 4]), names=np.array([3, 5, 8]), flat=np.array([-1]))
    net = Network.from_onnx(proto)
    labels, probabilities = outputs_of(judge("onnxruntime"), proto, X.astype(np.float64))
    assert ("float32", "cross_entropy", (3, 5, 8)) == (net.spec.dtype, net.spec.loss.name, net.spec.output.names)
    assert labels.ravel().tolist() == net.predict(X).tolist()
    assert np.allclose(probabilities, net.predict_proba(X), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("head", "given", "expected"),
    [
        ([("Scaler", "x", "s", {"offset": [1.0, 2, 3, 4], "scale": [0.5, 1, 2, 4]})], (INT64, ["N", 4]), "4-6-3"),
        ([("Sub", "x row", "d"), ("Div", "d row", "s")], (FLOAT, ["N", 4]), "4-6-3"),
        ([("Mul", "x row", "d"), ("Add", "row d", "s")], (FLOAT, [5, 4]), "4-6-3"),
        ([("Sub", "row x", "s")], (FLOAT, ["N", 4]), "4-6-3"),
        ([("BatchNormalization", "x row row row row", "s")], (FLOAT, ["N", 4]), "4-6-3"),
        ([("Dropout", "x half", "s")], (FLOAT, ["N", 4]), "4-6-3"),
        ([("Flatten", "x", "s")], (FLOAT, ["N", 2, 2]), "4-6-3"),
        ([("Reshape", "x shape", "s")], (FLOAT, ["N", 1, 2, 2]), "4-6-3"),
        ([("Shape", "x", "n"), ("Gather", "n zero", "m"), ("Concat", "m less", "o", {"axis": 0}),
          ("Reshape", "x o", "s")], (FLOAT, ["N", 2, 2]), "4-6-3"),
        ([("Relu", "x", "r"), ("Mul", "r row", "s")], (FLOAT, ["N", 4]), "4-4-6-3"),
        ([("Identity", "x", "i"), ("Sigmoid", "i", "g"), ("Mul", "i g", "s")], (FLOAT, ["N", 4]), "4-4-6-3"),
    ],
)  # fmt: skip
def test_what_stands_before_the_first_layer_is_taken_in(
    head: Nodes, given: tuple[int, list[Any]], expected: str, judge: Judge, X: np.ndarray
) -> None:
    """Scalings, batch norm, dropout, changes of shape, and activations."""
    onnx = judge("onnx")
    row = np.array([0.5, 1.5, 2.5, 3.5], dtype=np.float32)
    constants = {"row": row, "half": np.float32(0.5), "shape": np.array([-1, 4]), "zero": np.array([0])}
    body: Nodes = [("MatMul", "s W1", "p"), *HIDDEN[1:], ("Gemm", "h W2 B2", "y")]
    proto = model(onnx, [*head, *body], {"y": FLOAT}, given=given, less=np.array([-1]), **constants)
    net = Network.from_onnx(proto)
    rows = X[:5] if given[0] == FLOAT else np.round(2 * X[:5]).astype(np.int64)
    (found,) = outputs_of(judge("onnxruntime"), proto, rows.reshape(5, *given[1][1:]))
    assert repr(net).startswith(f"Network {expected}:")
    assert np.allclose(found, net.predict(rows.astype(np.float32)), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("last", [("Reshape", "z column", "y"), ("Flatten", "z", "y", {"axis": 0})])
def test_how_a_prediction_is_laid_out_in_the_end_does_not_matter(
    last: tuple[Any, ...], judge: Judge, X: np.ndarray
) -> None:
    """Its numbers keep their order: skl2onnx puts those of several targets into one column."""
    onnx = judge("onnx")
    proto = model(onnx, [*HIDDEN, ("Gemm", "h W2 B2", "z"), last], {"y": FLOAT}, column=np.array([-1, 1]))
    (found,) = outputs_of(judge("onnxruntime"), proto, X)
    assert np.allclose(found.reshape(-1, 3), Network.from_onnx(proto).predict(X), rtol=1e-5, atol=1e-6)


def test_dropout_keeps_its_rate_for_training_on(judge: Judge) -> None:
    """It does nothing to predictions."""
    nodes: Nodes = [*HIDDEN, ("Dropout", "h share", "d"), ("Gemm", "d W2 B2", "y")]
    net = Network.from_onnx(model(judge("onnx"), nodes, {"y": FLOAT}, share=np.float32(0.25)))
    assert Dropout(0.25) in net.spec.layers


def test_sums_and_places_are_read_as_what_they_are_said_to_be(judge: Judge, X: np.ndarray) -> None:
    """Logits with loss="cross_entropy"; a model that shows the likeliest class alone needs no saying."""
    onnx = judge("onnx")
    nodes: Nodes = [*HIDDEN, ("Gemm", "h W2 B2", "z")]
    logits = model(onnx, nodes, {"z": FLOAT})
    assert "mse" == Network.from_onnx(logits).spec.loss.name
    net = Network.from_onnx(logits, loss="cross_entropy", classes=["a", "b", "c"], features=list("wxyz"))
    assert (("a", "b", "c"), tuple("wxyz")) == (net.spec.output.names, net.spec.input.features)
    places = model(onnx, [*nodes, ("ArgMax", "z", "y", {"axis": 1, "keepdims": 0})], {"y": INT64})
    (found,) = outputs_of(judge("onnxruntime"), places, X)
    assert found.tolist() == Network.from_onnx(places).predict(X).tolist()


def test_halves_are_read_as_the_float32_they_equal(judge: Judge) -> None:
    """Weights of float16 come to be float32, each the same number."""
    halves = {"W1": W1.astype(np.float16), "B1": B1.astype(np.float16)}
    net = Network.from_onnx(model(judge("onnx"), [("Gemm", "x W1 B1", "y")], {"y": 10}, given=(10, ["N", 4]), **halves))
    assert ("float32", halves["W1"].T.tolist()) == (net.spec.dtype, net["output"].weights.tolist())


@pytest.mark.parametrize("kind", [10, 16])
@pytest.mark.parametrize("place", ["inputs", "activations", "outputs"])
def test_rounding_to_halves_between_wider_weights_is_refused(place: str, kind: int, judge: Judge) -> None:
    """The network would compute with more digits than the model; the node is named."""
    onnx = judge("onnx")
    nodes: dict[str, Nodes] = {
        "inputs": [("Cast", "x", "c", {"to": kind}), ("Cast", "c", "r", {"to": FLOAT}), ("Gemm", "r W1 B1", "y")],
        "activations": [("Gemm", "x W1 B1", "z"), ("Cast", "z", "c", {"to": kind}), ("Tanh", "c", "t"),
                        ("Cast", "t", "r", {"to": FLOAT}), ("Gemm", "r W2 B2", "y")],
        "outputs": [("Gemm", "x W1 B1", "z"), ("Cast", "z", "c", {"to": kind}), ("Cast", "c", "y", {"to": FLOAT})],
    }  # fmt: skip
    with pytest.raises(KindError, match=r"node 'c' \(Cast\) rounds to b?float16 between weights of more digits"):
        Network.from_onnx(model(onnx, nodes[place], {"y": FLOAT}))


def test_a_model_of_halves_may_take_and_show_wider_numbers(judge: Judge) -> None:
    """Its weights are read as the float32 that they equal, and the casts at its ends are left out."""
    halves = {"W1": W1.astype(np.float16), "B1": B1.astype(np.float16)}
    nodes: Nodes = [
        ("Cast", "x", "c", {"to": 10}),
        ("Dropout", "c share", "d"),
        ("Gemm", "d W1 B1", "z"),
        ("Cast", "z", "y", {"to": FLOAT}),
    ]
    net = Network.from_onnx(model(judge("onnx"), nodes, {"y": FLOAT}, share=np.float32(0.5), **halves))
    assert ("float32", halves["W1"].T.tolist()) == (net.spec.dtype, net["output"].weights.tolist())


@pytest.mark.parametrize("where", ["input", "output"])
def test_shapes_that_a_model_leaves_out_are_not_missed(where: str, judge: Judge, X: np.ndarray) -> None:
    """ONNX Runtime infers them, too; the model that was given stays as it is."""
    onnx = judge("onnx")
    proto = model(onnx, [*HIDDEN, ("Gemm", "h W2 B2", "y")], {"y": FLOAT})
    getattr(proto.graph, where)[0].type.tensor_type.ClearField("shape")
    before = proto.SerializeToString()
    (found,) = outputs_of(judge("onnxruntime"), proto, X)
    for given in (proto, before):
        assert np.allclose(found, Network.from_onnx(given).predict(X), rtol=1e-5, atol=1e-6)
    assert before == proto.SerializeToString()


def test_samples_in_columns_are_taken_as_rows(judge: Judge) -> None:
    """Gemm with transA takes the transposed table."""
    onnx = judge("onnx")
    proto = model(onnx, [("Gemm", "x W1 B1", "y", {"transA": 1, "alpha": 0.5})], {"y": FLOAT}, given=(FLOAT, [4, 7]))
    table = np.random.default_rng(3).normal(size=(4, 7)).astype(np.float32)
    (found,) = outputs_of(judge("onnxruntime"), proto, table)
    assert np.allclose(found, Network.from_onnx(proto).predict(np.ascontiguousarray(table.T)), rtol=1e-5, atol=1e-6)


LAST: Nodes = [("Gemm", "h W2 B2", "z")]
REFUSED: list[tuple[Nodes, dict[str, int], str]] = [
    ([("Conv", "x W1", "y")], {"y": FLOAT}, r"node 'y' \(Conv\) is nothing that a dense network has"),
    ([("LeakyRelu", "x", "y", {"alpha": 0.25})], {"y": FLOAT}, r"\(LeakyRelu\) with alpha=0.25 is no activation"),
    ([*HIDDEN, ("Gemm", "h W4", "r"), ("Add", "x r", "y")], {"y": FLOAT}, r"\(MatMul\) begins branches that meet"),
    ([*HIDDEN, ("Softmax", "h", "s"), ("Gemm", "s W2", "y")], {"y": FLOAT}, r"\(Softmax\) between its layers"),
    ([*HIDDEN, *LAST, ("LogSoftmax", "z", "y")], {"y": FLOAT}, "give loss='cross_entropy'"),
    ([*HIDDEN, *LAST, ("Normalizer", "z", "y")], {"y": FLOAT}, "ai.onnx.ml.Normalizer"),
    ([*HIDDEN, ("Cast", "h", "i", {"to": INT64}), ("Cast", "i", "y", {"to": FLOAT})], {"y": FLOAT}, r"\(Cast\) makes"),
    ([*HIDDEN, *LAST], {"z": FLOAT, "h": FLOAT, "v": FLOAT}, "outputs z, h, v, none of which is made from all others"),
    ([*HIDDEN, ("Transpose", "h", "y")], {"y": FLOAT}, r"\(Transpose\) turns rows into columns"),
    ([("MatMul", "W1 x", "y")], {"y": FLOAT}, "multiplies from the left"),
    ([("Add", "x column", "y")], {"y": FLOAT}, "not one for each of a row's numbers"),
    ([*HIDDEN, *LAST, ("Greater", "z column", "y")], {"y": 9}, "None of the ONNX model's outputs"),
    ([("Dropout", "x - yes", "d"), ("Gemm", "d W1 B1", "y")], {"y": FLOAT}, r"\(Dropout\) is in training"),
    ([("Identity", "x", "y")], {"y": FLOAT}, "no layer with weights"),
    ([("Constant", "-", "c", {"value_float": 1.0}), ("Identity", "c", "y")], {"y": FLOAT}, "None of the ONNX model's"),
]  # fmt: skip


@pytest.mark.parametrize(("nodes", "shown", "told"), REFUSED, ids=[told[:40] for _, _, told in REFUSED])
def test_what_no_dense_network_does_is_refused_by_name(
    nodes: Nodes, shown: dict[str, int], told: str, judge: Judge
) -> None:
    """The error names node and operator, or what else is in the way, and says what to do."""
    onnx = judge("onnx")
    if "v" in shown:
        nodes = [*nodes, ("Gemm", "h W2 B2", "v")]
    square, column, yes = np.ones((6, 4), np.float32), np.array([[1], [2]], dtype=np.float32), np.array(True)
    proto = model(onnx, nodes, shown, W4=square, column=column, yes=yes)
    if any(op == "Constant" for op, *_ in nodes):
        del proto.graph.node[0].input[:]
    with pytest.raises((KindError, SettingError), match=told) as caught:
        Network.from_onnx(proto)
    assert len(str(caught.value)) < 600


def test_a_model_of_several_inputs_is_refused(judge: Judge) -> None:
    """Both are named."""
    onnx = judge("onnx")
    proto = model(onnx, [("Add", "x z", "s"), ("Gemm", "s W1 B1", "y")], {"y": FLOAT})
    proto.graph.input.append(onnx.helper.make_tensor_value_info("z", FLOAT, ["N", 4]))
    with pytest.raises(KindError, match=r"depends on 2 inputs \(x, z\)"):
        Network.from_onnx(proto)


def test_nothing_follows_the_probabilities_of_no_and_yes(judge: Judge) -> None:
    """What would go on from the two columns is refused, since a network of ours has one output there."""
    nodes: Nodes = [
        *[("Gemm", "h W3 B3", "z"), ("Sigmoid", "z", "yes"), ("Sub", "one yes", "no")],
        *[("Concat", "no yes", "both", {"axis": 1}), ("Mul", "both two", "y")],
    ]
    proto = model(judge("onnx"), [*HIDDEN, *nodes], {"y": FLOAT}, one=np.ones(1, np.float32), two=np.float32(2))
    with pytest.raises(KindError, match=r"\(Mul\) goes on after the probabilities of no and yes"):
        Network.from_onnx(proto)


@pytest.mark.parametrize(("version", "settings"), [(6, {"broadcast": 1, "axis": 1}), (7, {})])
def test_the_first_versions_operators_are_read(
    version: int, settings: dict[str, int], judge: Judge, X: np.ndarray
) -> None:
    """Broadcasting as a setting, Dropout that says whether it is tested, Reshape with its shape as a setting."""
    old = version < 7
    nodes: Nodes = [
        ("Dropout", "x", "d", {"ratio": 0.5} | ({"is_test": 1} if old else {})),
        *[("MatMul", "d W1", "p"), ("Add", "p B1", "q", settings), ("Relu", "q", "h")],
        ("Gemm", "h W2 B2", "y", {"broadcast": 1} if old else {}),
    ]
    net = Network.from_onnx(model(judge("onnx"), nodes, {"y": FLOAT}, version=version))
    expected = np.maximum(X @ W1 + B1, 0) @ W2 + B2
    assert Task.VALUES is net.spec.loss.task
    assert np.allclose(expected, net.predict(X), rtol=1e-5, atol=1e-5)
