"""Pixels: from files to facts, hashes, families and findings."""
