"""What the five projects share: reading pictures and trees, weights, and looking at results."""
