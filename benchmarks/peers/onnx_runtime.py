"""ONNX Runtime: inference of the network as an ONNX graph of Gemm, Relu and Softmax."""

from __future__ import annotations

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from tasks import Task, scaled


def graph_of(task: Task) -> bytes:
    """Return the file's bytes."""
    numbers, nodes, x = [], [], "X"
    for k, (W, b) in enumerate(task.start(seed=0)):
        numbers += [numpy_helper.from_array(W, f"W{k}"), numpy_helper.from_array(b, f"b{k}")]
        nodes.append(helper.make_node("Gemm", [x, f"W{k}", f"b{k}"], [f"Z{k}"], transB=1))
        last = k == len(task.widths) - 2
        x = "P" if last else f"A{k}"
        nodes.append(helper.make_node("Softmax" if last else "Relu", [f"Z{k}"], [x]))
    ends = (
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", width])]
        for name, width in (("X", task.widths[0]), ("P", task.widths[-1]))
    )
    graph = helper.make_graph(nodes, "network", *ends, numbers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString()


class Predictor:
    def __init__(self, task: Task, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(graph_of(task), options, providers=["CPUExecutionProvider"])
        self.rows = scaled(task.test_data()[0])

    def __call__(self, X: np.ndarray) -> np.ndarray:
        return self.session.run(None, {"X": X})[0]
