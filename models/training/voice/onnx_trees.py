"""Trees in ONNX: further trees put on top of the served ones, as LightGBM's ``init_model`` would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import ModelRefused

TREES = "TreeEnsembleClassifier"
OF_TREES = ("class_treeids", "nodes_treeids")
APPENDED = (
    "class_ids",
    "class_nodeids",
    "class_weights",
    "nodes_falsenodeids",
    "nodes_featureids",
    "nodes_hitrates",
    "nodes_missing_value_tracks_true",
    "nodes_modes",
    "nodes_nodeids",
    "nodes_truenodeids",
    "nodes_values",
)


def width(path: Path) -> int | None:
    """Return how many features the trees of an ONNX file look at; None when it holds something else."""
    import onnx

    graph = onnx.load(path).graph
    if not any(node.op_type == TREES for node in graph.node):
        return None
    return int(graph.input[0].type.tensor_type.shape.dim[1].dim_value)


def grown(old: Path, more: Path, out: Path) -> None:
    """Write the trees of ``old`` and of ``more``, both made by LightGBM for two classes, as one ensemble.

    Raises:
        ModelRefused: when one of them is not such a file.
    """
    import onnx

    model, added = onnx.load(old), _trees(onnx.load(more))
    into = _trees(model)
    ours, theirs = _lists(into), _lists(added)
    same = ("post_transform", "classlabels_int64s")
    if [ours.get(name) for name in same] != [theirs.get(name) for name in same] or "base_values" in ours | theirs:
        raise ModelRefused("these trees are of another make and cannot go on learning")
    first = 1 + max(ours["nodes_treeids"])
    joined = {name: [*ours[name], *theirs[name]] for name in APPENDED if name in ours}
    joined |= {name: [*ours[name], *(first + tree for tree in theirs[name])] for name in OF_TREES}
    kept = [attribute for attribute in into.attribute if attribute.name not in joined]
    del into.attribute[:]
    into.attribute.extend([*kept, *(onnx.helper.make_attribute(name, values) for name, values in joined.items())])
    onnx.save(model, out)


def _trees(model: Any) -> Any:
    found = [node for node in model.graph.node if node.op_type == TREES]
    if len(found) != 1:
        raise ModelRefused("this file holds no trees")
    return found[0]


def _lists(node: Any) -> dict[str, Any]:
    import onnx

    return {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
