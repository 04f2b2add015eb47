"""pixset.datasets.exporters."""
