"""Mutated input for everything that reads what others wrote.

    make fuzz                                   half an hour over all targets
    python -P -m fuzz --minutes 2 --target pictures --seed 7
    python -P -m fuzz --target recipes --seed 7 --number 1234     one input again

Inputs are valid ones (drawn pictures, the replica's pages, shipped recipes) with a few bytes,
words or lines changed, so that many get past the header. Each number of a seed gives the same
input for ever. An error that a target does not promise, or a minute of CPU over one input, is
a finding; its input is kept in a file.
"""
