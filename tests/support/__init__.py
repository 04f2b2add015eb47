"""What several test files share: drawn pictures, small datasets and trees, servers, doubles.

pytest's `pythonpath` makes it importable as `support`. Everything here is a plain function or
class that a test imports; fixtures stand in the `conftest.py` nearest to those who use them.
"""
