"""Whole words in titles and terms: does this text speak of that?"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


def folded(text: str) -> str:
    """`text` for comparing: one Unicode form, no case, plain spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def contains(text: str, term: str) -> bool:
    """Whether `term` stands in `text` as words of their own, plural allowed.

    Scripts without spaces between words (Chinese, Japanese, Thai) are searched as they are.
    """
    return _stands_in(folded(text), term)


def speaks_of(text: str | None, terms: tuple[str, ...]) -> str | None:
    """The first of `terms` that stands in `text`, or None."""
    if not text or not terms:
        return None
    whole = folded(text)
    return next((term for term in terms if _stands_in(whole, term)), None)


def _stands_in(text: str, term: str) -> bool:
    """Whether a term stands in a text that is folded."""
    wanted = _wanted(term)
    if isinstance(wanted, str):
        return bool(wanted) and wanted in text
    return wanted.search(text) is not None


@lru_cache(4096)  # a recipe's few dozen words are looked for in every title
def _wanted(term: str) -> str | re.Pattern[str]:
    """What a folded text that speaks of `term` holds; empty: none does."""
    term = folded(term)
    if not term or any(unicodedata.category(char) == "Lo" for char in term):
        return term
    return re.compile(rf"(?<!\w){re.escape(term)}(?:s|es)?(?!\w)")
