"""Image-search engines driven in a real browser: from a term to files."""
