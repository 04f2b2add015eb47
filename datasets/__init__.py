"""The roof over both wings: recipes, the catalogue, splits, trees and the command line."""

if (
    __name__ == "datasets"
):  # the repository's root is on sys.path and shadows Hugging Face's package
    raise ImportError(
        "this is pixset's folder, not Hugging Face's `datasets`: run from another folder, "
        "or with plain `pytest` or `python -P`; pixset itself imports as `pixset.datasets`"
    )
