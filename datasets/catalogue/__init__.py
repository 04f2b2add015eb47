"""pixset.datasets.catalogue."""
