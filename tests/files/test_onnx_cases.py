"""ONNX's own test cases: every one of them is read, or refused for a reason that is named."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from pellucid import Network
from pellucid.core import Task
from pellucid.errors import KindError, SettingError
from pellucid.files._onnx._opened import opened
from pellucid.files._onnx._path import path_of
from pellucid.files._onnx._walk import row_of

Judge = Callable[[str], Any]

COUNTED = "1.23.2"
"""The version of the library that the counts are of; another has other cases."""

READ = {
    "pytorch-converted": """BatchNorm1d_3d_input_eval BatchNorm2d_eval BatchNorm2d_momentum_eval BatchNorm3d_eval
        BatchNorm3d_momentum_eval LeakyReLU Linear Linear_no_bias ReLU SELU Sigmoid Softmax Softmin Softplus
        Tanh softmax_functional_dim3 softmax_lastdim""",
    "pytorch-operator": """operator_add_broadcast operator_add_size1_right_broadcast
        operator_add_size1_singleton_broadcast operator_addconstant operator_exp operator_mm operator_selu""",
    "simple": "single_relu_model",
    "light": "",
    "node": """add_bcast batchnorm_example batchnorm_epsilon celu_expanded celu_float16_expanded celu_bfloat16_expanded
        clip_min_greater_than_max clip_default_min clip_default_min_expanded clip_default_inbounds
        div_example div_bcast elu_default elu_default_expanded_ver18 exp_example exp gelu_default_1
        gelu_default_1_expanded gelu_default_2 gelu_default_2_expanded gemm_default_zero_bias
        gemm_default_no_bias gemm_default_scalar_bias gemm_default_single_elem_vector_bias
        gemm_default_vector_bias gemm_transposeA gemm_transposeB gemm_alpha gemm_beta gemm_all_attributes
        leakyrelu_default leakyrelu_default_expanded matmul_2d matmul_4d_1d matmul_1d_1d max_one_input
        min_one_input mul_example mul_bcast neg_example neg relu relu_expanded_ver18 selu_default
        selu_default_expanded_ver18 sigmoid_example sigmoid softmax_example softmax_example_expanded
        softmax_example_expanded_ver18 softmax_large_number softmax_large_number_expanded
        softmax_large_number_expanded_ver18 softmax_axis_2 softmax_axis_2_expanded
        softmax_axis_2_expanded_ver18 softmax_negative_axis softmax_negative_axis_expanded
        softmax_negative_axis_expanded_ver18 softmax_default_axis softmax_default_axis_expanded
        softmax_default_axis_expanded_ver18 softplus_example softplus_example_expanded_ver18 softplus
        softplus_expanded_ver18 sub_example sub_bcast sum_one_input swish swish_expanded tanh_example tanh""",
}
"""By kind, the names of the cases that are read, without ``test_``."""

REASONS = {
    "no number comes out": (482, "None of the ONNX model's outputs is made of floating-point numbers"),
    "several inputs, or none": (46, "The ONNX model's prediction depends on"),
    "several outputs": (233, "The ONNX model has the outputs"),
    "an operator that no dense network has": (679, "is nothing that a dense network has"),
    "an elementwise function that is no activation": (85, "is no activation of Pellucid's"),
    "branches that are no activation": (86, "that are together no activation of Pellucid's"),
    "nothing is computed": (109, "The model has no layer with weights"),
    "a constant that is not followed": (87, "makes a constant in a way that is not followed"),
    "whole numbers": (34, "computes with whole numbers|weights of|makes other than floating-point numbers"),
    "axes in another order, or torn apart": (
        55,
        "tears rows apart|into another order|in the midst of rows|turns rows into",
    ),
    "batches of matrices": (4, "a stack of matrices|multiplies from the left"),
    "a constant that differs from row to row": (8, "not one for each of a row's numbers|differs from row to row"),
    "softmax over another axis": (2, "not over a row's numbers"),
    "two of its tensors are combined": (9, "takes something else than a stored constant"),
    "training": (6, "is in training"),
    "logarithms of probabilities": (10, "shows logarithms"),
}
"""Why cases are refused: how many, and how the message says so."""


class Case(NamedTuple):
    kind: str
    name: str
    model: Any
    inputs: list[Any]
    outputs: list[Any]


def stored(onnx: Any) -> Iterator[Case]:
    """Return the cases that lie in the library's folder, whichever there are."""
    import onnx.backend.test

    root = Path(onnx.backend.test.__file__).parent / "data"
    for path in sorted(root.rglob("*.onnx")):
        model = onnx.load_model_from_string(path.read_bytes())
        known = {tensor.name for tensor in model.graph.initializer}
        free = [given for given in model.graph.input if given.name not in known]
        kind = path.relative_to(root).parts[0]
        name = path.stem if kind == "light" else path.parent.name
        folder = path.parent / "test_data_set_0"
        inputs = [tensor(onnx, folder / f"input_{i}.pb", given) for i, given in enumerate(free)]
        outputs = [tensor(onnx, folder / f"output_{i}.pb", shown) for i, shown in enumerate(model.graph.output)]
        yield Case(kind, name.removeprefix("test_"), model, inputs, outputs)


def tensor(onnx: Any, path: Path, value: Any) -> np.ndarray | None:
    if not path.is_file() or not value.type.HasField("tensor_type"):
        return None
    array: np.ndarray = onnx.numpy_helper.to_array(onnx.load_tensor(str(path)))
    return array


def made() -> Iterator[Case]:
    """Return the cases that the library makes, one or more of each operator."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = collect_testcases(None)
    for case in cases:
        inputs, outputs = case.data_sets[0]
        yield Case("node", case.name.removeprefix("test_"), case.model, list(inputs), list(outputs))


def bound(onnx: Any, case: Case) -> Any:
    """Return the model, its inputs but the first held as constants: a weight that is given as an input is none here."""
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    known = {tensor.name for tensor in model.graph.initializer}
    free = [given for given in model.graph.input if given.name not in known]
    for given, value in list(zip(free, case.inputs, strict=False))[1:]:
        if isinstance(value, (np.ndarray, np.generic)) and given.type.HasField("tensor_type"):
            array = np.asarray(value)
            if array.dtype.kind in "fiub":
                model.graph.initializer.append(onnx.numpy_helper.from_array(array, given.name))
    return model


def answers(net: Network, model: Any, X: np.ndarray) -> np.ndarray:
    """Return what the network makes of a case's input, in one row."""
    path = path_of(opened(model))
    turned = any(node.settings.get("transA") for stretch in path.stretches for node in stretch.nodes)
    table = np.asarray(X.T if turned else X).astype(net.spec.dtype).reshape(-1, net.spec.input.width)
    assert row_of(path).width == net.spec.input.width
    return np.ravel(net.predict(table) if net.spec.loss.task is Task.VALUES else net._output(table, None, shown=True))


def reason_of(error: Exception) -> str:
    """Return the reason that an error gives; fail where it is none that is known."""
    found = [reason for reason, (_, told) in REASONS.items() if re.search(told, str(error))]
    assert found, str(error)
    return found[0]


@pytest.mark.filterwarnings("ignore::pellucid.errors.ScaleWarning")
def test_every_case_of_onnx_is_read_or_refused_for_a_reason(judge: Judge) -> None:
    """What is read gives the outputs that are stored with the case, to its own tolerance of 10⁻³."""
    onnx = judge("onnx")
    read: dict[str, list[str]] = {kind: [] for kind in READ}
    refused: Counter[str] = Counter()
    for case in (*stored(onnx), *made()):
        model = bound(onnx, case)
        try:
            net = Network.from_onnx(model)
        except (KindError, SettingError) as error:
            refused[reason_of(error)] += 1
            continue
        expected = np.asarray(case.outputs[0])
        # The network computes in float32 what the case rounds to 8 digits of the base 2.
        within = 1e-2 if expected.dtype.name == "bfloat16" else 1e-3
        found = answers(net, model, np.asarray(case.inputs[0]))
        assert np.allclose(expected.astype(np.float64).ravel(), found, rtol=within, atol=1e-6), case.name
        read[case.kind].append(case.name)
    if onnx.__version__ == COUNTED:
        assert read == {kind: names.split() for kind, names in READ.items()}
        assert dict(refused) == {reason: n for reason, (n, _) in REASONS.items()}
