"""Whisper's encoder, or its first layers, as an ONNX graph built from its weights. Not needed to serve."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from models.voice.onnx_graph import Graph
from models.voice.whisper_weights import Weights

OPSET = 20  # Gelu came with it


def states(weights: Weights, *, positions: int) -> Any:
    """Return the whole encoder: ``mel`` (n, 2 positions, mels) → ``states`` (n, positions, width)."""
    graph = Graph()
    layers = _stack(graph, weights, positions, sum(name.endswith("ffn/linear_0/bias") for name in weights))
    graph.add("Identity", _norm(graph, layers[-1], weights, "layer_norm"), out="states")
    return _model(graph, weights, "states", positions, [positions, weights["conv1/bias"].shape[0]])


def pooled(weights: Weights, *, layers: int, positions: int) -> Any:
    """Return the first ``layers`` of the encoder: ``mel`` (n, 2 positions, mels) → ``statistics`` (n, 3 layers width).

    Of every layer's states: mean, standard deviation and mean absolute step over time.
    """
    graph = Graph()
    parts = [part for x in _stack(graph, weights, positions, layers) for part in _moments(graph, x)]
    graph.add("Concat", *parts, axis=1, out="statistics")
    return _model(graph, weights, "statistics", positions, [len(parts) * weights["conv1/bias"].shape[0]])


def _stack(graph: Graph, weights: Weights, positions: int, layers: int) -> list[str]:
    """Append convolutions, places and layers; return each layer's output. Places beyond ``positions`` are cut off."""
    heads = int(weights["num_heads"])
    x = graph.add("Transpose", "mel", perm=[0, 2, 1])
    for name, stride in (("conv1", 1), ("conv2", 2)):
        w, b = (graph.constant(f"{name}/{part}", weights[f"{name}/{part}"]) for part in ("weight", "bias"))
        x = graph.add("Gelu", graph.add("Conv", x, w, b, kernel_shape=[3], pads=[1, 1], strides=[stride]))
    place = graph.constant("positions", weights["position_encodings/encodings"][:positions])
    x = graph.add("Add", graph.add("Transpose", x, perm=[0, 2, 1]), place)
    made = []
    for i in range(layers):
        x = _layer(graph, x, weights, f"layer_{i}", heads)
        made.append(x)
    return made


def _moments(graph: Graph, x: str) -> tuple[str, str, str]:
    """Return mean, standard deviation and mean absolute step over time of (n, positions, width): each (n, width)."""
    time = graph.constant(f"{x}/time", np.array([1], np.int64))
    zero, one, end = (graph.constant(f"{x}/{i}", np.array([i], np.int64)) for i in (0, 1, -1))
    whole = graph.constant(f"{x}/whole", np.array([np.iinfo(np.int64).max], np.int64))
    mean = graph.add("ReduceMean", x, time, keepdims=1)
    off = graph.add("Sub", x, mean)
    spread = graph.add("Sqrt", graph.add("ReduceMean", graph.add("Mul", off, off), time, keepdims=0))
    step = graph.add("Sub", graph.add("Slice", x, one, whole, time), graph.add("Slice", x, zero, end, time))
    moved = graph.add("ReduceMean", graph.add("Abs", step), time, keepdims=0)
    return graph.add("Squeeze", mean, time), spread, moved


def _model(graph: Graph, weights: Weights, output: str, positions: int, shape: list[int]) -> Any:
    mel = [2 * positions, weights["conv1/weight"].shape[1]]
    return graph.model("whisper_encoder", ("mel", mel), (output, shape), opset=OPSET)


def _layer(graph: Graph, x: str, weights: Weights, name: str, heads: int) -> str:
    attended = _attention(graph, _norm(graph, x, weights, f"{name}/self_attention/layer_norm"), weights, name, heads)
    x = graph.add("Add", x, attended)
    wide = _linear(graph, _norm(graph, x, weights, f"{name}/ffn/layer_norm"), weights, f"{name}/ffn/linear_0")
    return graph.add("Add", x, _linear(graph, graph.add("Gelu", wide), weights, f"{name}/ffn/linear_1"))


def _attention(graph: Graph, x: str, weights: Weights, name: str, heads: int) -> str:
    width = weights[f"{name}/self_attention/linear_1/bias"].shape[0]
    size = width // heads
    shape = graph.constant(f"{name}/split", np.array([0, -1, 3, heads, size], np.int64))
    joined = _linear(graph, x, weights, f"{name}/self_attention/linear_0")
    split = graph.add("Transpose", graph.add("Reshape", joined, shape), perm=[2, 0, 3, 1, 4])
    q, k, v = (
        graph.add("Gather", split, graph.constant(f"{name}/part{i}", np.array(i, np.int64)), axis=0) for i in range(3)
    )
    scale = graph.constant(f"{name}/scale", np.array(size**-0.5, np.float32))
    weight = graph.add("MatMul", graph.add("Mul", q, scale), graph.add("Transpose", k, perm=[0, 1, 3, 2]))
    seen = graph.add("MatMul", graph.add("Softmax", weight, axis=-1), v)
    flat = graph.constant(f"{name}/join", np.array([0, -1, width], np.int64))
    merged = graph.add("Reshape", graph.add("Transpose", seen, perm=[0, 2, 1, 3]), flat)
    return _linear(graph, merged, weights, f"{name}/self_attention/linear_1")


def _norm(graph: Graph, x: str, weights: Weights, name: str) -> str:
    gamma, beta = (graph.constant(f"{name}/{part}", weights[f"{name}/{part}"]) for part in ("gamma", "beta"))
    return graph.add("LayerNormalization", x, gamma, beta, axis=-1, epsilon=1e-5)


def _linear(graph: Graph, x: str, weights: Weights, name: str) -> str:
    """Return x W + b; the weights lie (out, in) in the file."""
    w = graph.constant(f"{name}/weight", weights[f"{name}/weight"].T)
    return graph.add("Add", graph.add("MatMul", x, w), graph.constant(f"{name}/bias", weights[f"{name}/bias"]))


def quantised(model: Any, path: Path) -> None:
    """Write ``model`` with its matrices as integers of 7 bits, those of the convolutions as they are.

    With 8 bits, processors without VNNI saturate in the middle of a sum, and the same file would give other numbers
    on other machines.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder, "plain.onnx")
        onnx.save(model, plain)
        quantize_dynamic(
            plain,
            path,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
