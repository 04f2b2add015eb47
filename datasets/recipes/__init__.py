"""pixset.datasets.recipes."""
