"""The engines: each a small file of facts and two pure functions, `url` and `parse`."""
