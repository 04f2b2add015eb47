"""Small ONNX models, made where they are needed: they see the mean of each channel, no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def saved(
    path: Path,
    entry: list[int | str],
    *,
    kind: int | None = None,
    outputs: tuple[str, ...] = ("y",),
    metadata: dict[str, str] | None = None,
) -> Path:
    """A model that gives each channel's mean, under one or several names."""
    onnx = pytest.importorskip("onnx", reason="onnx, which makes the tests' models, is not here")
    helper = onnx.helper
    axes = [2, 3] if entry[1] == 3 else [1, 2]
    nodes = [helper.make_node("Cast", ["x"], ["f"], to=onnx.TensorProto.FLOAT)]
    nodes += [
        helper.make_node("ReduceMean", ["f"], [name], axes=axes, keepdims=int(name == "map"))
        for name in outputs
    ]
    float_ = onnx.TensorProto.FLOAT
    given = [
        helper.make_tensor_value_info(
            name, float_, [entry[0], 3, 1, 1] if name == "map" else [entry[0], 3]
        )
        for name in outputs
    ]
    graph = helper.make_graph(
        nodes, "mean", [helper.make_tensor_value_info("x", kind or float_, entry)], given
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, metadata or {})
    onnx.save(model, path)
    return path
