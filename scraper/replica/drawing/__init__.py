"""Drawn pictures for any term: what the replica shows where it has no photographs."""
