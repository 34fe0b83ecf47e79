"""An ONNX graph under construction, with one input and one output of float32. Not needed to serve."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET, IR_VERSION = 17, 10
End = tuple[str, list[int]]
"""Name of an input or output, and its shape without n."""


class Graph:
    """Nodes and constants; every call of ``add`` appends one node and returns its output."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, kind: str, *inputs: str, out: str | None = None, **attributes: Any) -> str:
        """Append a node of this kind and return the name of its output."""
        from onnx import helper

        name = out or f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """Keep a constant and return its name."""
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.asarray(values, order="C"), name))
        return name

    def model(self, name: str, given: End, made: End, *, opset: int = OPSET) -> Any:
        """Return the model that makes ``made`` of ``given``, of any number n of windows."""
        from onnx import TensorProto, helper

        start, end = (
            helper.make_tensor_value_info(end, TensorProto.FLOAT, ["n", *shape]) for end, shape in (given, made)
        )
        whole = helper.make_graph(self.nodes, name, [start], [end], self.constants)
        return helper.make_model(whole, opset_imports=[helper.make_opsetid("", opset)], ir_version=IR_VERSION)
