"""More than one machine: the same stages over parts of a list, under one store's URL."""
