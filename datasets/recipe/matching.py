"""Whole words in titles and terms: does this text speak of that?"""

from __future__ import annotations

import re
import unicodedata


def folded(text: str) -> str:
    """`text` for comparing: one Unicode form, no case, plain spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def contains(text: str, term: str) -> bool:
    """Whether `term` stands in `text` as words of their own, plural allowed.

    Scripts without spaces between words (Chinese, Japanese, Thai) are searched as they are.
    """
    text, term = folded(text), folded(term)
    if not term:
        return False
    if any(unicodedata.category(char) == "Lo" for char in term):
        return term in text
    return re.search(rf"(?<!\w){re.escape(term)}(?:s|es)?(?!\w)", text) is not None


def speaks_of(text: str | None, terms: tuple[str, ...]) -> str | None:
    """The first of `terms` that stands in `text`, or None."""
    return next((term for term in terms if text and contains(text, term)), None)
