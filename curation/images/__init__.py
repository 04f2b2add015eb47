"""One picture: decoded, measured, hashed, and what is wrong with it."""
