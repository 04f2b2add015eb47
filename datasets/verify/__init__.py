"""Is a tree fit for training: every loader's rules and traps, on any tree."""

from .verifying import Verified, verify

__all__ = ["Verified", "verify"]
