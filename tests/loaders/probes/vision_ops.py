"""torchvision without its C++ operators, which no CPU build for torch's file here has.

Importing torchvision registers shapes for two of them; declaring those two is enough for its
datasets, transforms and models, which use none.
"""

import importlib.util
from pathlib import Path

import torch

_found = importlib.util.find_spec("torchvision")
_folder = Path(_found.submodule_search_locations[0]) if _found else None
declared = torch.library.Library("torchvision", "DEF")
try:
    if _folder is not None:
        for _file in (*_folder.glob("_C*.so"), *_folder.glob("_C*.pyd")):
            torch.ops.load_library(str(_file))
except (OSError, RuntimeError):
    pass  # built for CUDA: it cannot be loaded beside a CPU build of torch
for _name in ("nms", "qnms"):
    try:
        getattr(torch.ops.torchvision, _name)
    except AttributeError:
        declared.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
