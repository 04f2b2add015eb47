"""pixset.datasets.commands."""
