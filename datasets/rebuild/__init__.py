"""A set rebuilt from its manifest: fetched anew, compared by hash, laid out as it was."""
