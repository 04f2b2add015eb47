"""The roof over both wings: recipes, the catalogue, splits, trees and the command line."""

if (
    __name__ == "datasets"
):  # the repository's root is on sys.path and shadows Hugging Face's package
    raise ImportError(
        "this is pixset's folder, not Hugging Face's `datasets`: run from another folder, "
        "or with plain `pytest` or `python -P`; pixset itself imports as `pixset.datasets`"
    )

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .dataset import Dataset

__all__ = ["Dataset"]


def __getattr__(name: str) -> Any:
    """`Dataset`, loaded when it is asked for: the command line's help does without its weight."""
    if name == "Dataset":
        from .dataset import Dataset

        return Dataset
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
