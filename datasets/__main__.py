"""`python -m pixset.datasets` is the command `pixset`."""

from .cli import main

main()
