"""How large a number may be: light enough for `pixset --help` to read."""

MOST = 1_000_000_000  # of anything counted: SQLite has no room for more than 2^63
