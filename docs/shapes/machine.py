"""The machine, its browsers, the engines' pages, and your defaults."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from .base import CLOSED, Count

_From = TypedDict("_From", {"from": str})  # a word of Python's


class Option(_From):
    """One option of one command: its value, and where that comes from."""

    __pydantic_config__ = CLOSED

    command: str
    option: str
    value: Any


class Config(TypedDict):
    """Your file of defaults, and what holds."""

    __pydantic_config__ = CLOSED

    file: str
    is_there: bool
    options: list[Option]


class Check(TypedDict):
    """One thing that was looked at; `state` is ok, note or bad."""

    __pydantic_config__ = CLOSED

    name: str
    state: Literal["ok", "note", "bad"]
    said: str


class Doctor(TypedDict):
    """What a run needs, and whether a browser starts."""

    __pydantic_config__ = CLOSED

    checks: list[Check]
    browser_starts: bool


class ModelCheck(TypedDict):
    """One thing about a model file."""

    __pydantic_config__ = CLOSED

    name: str
    state: Literal["ok", "note", "bad"]
    message: str


class ModelDoctor(TypedDict):
    """What a model file is: `doctor --model`."""

    __pydantic_config__ = CLOSED

    checks: list[ModelCheck]


class PageCounts(TypedDict):
    """What was read on one page of results."""

    __pydantic_config__ = CLOSED

    results: int
    originals: int
    previews: int
    on_topic: float | None
    extractors: Count


class EngineFinding(TypedDict):
    """One thing that a page has to have."""

    __pydantic_config__ = CLOSED

    name: str
    holds: bool
    message: str


class EngineHealth(TypedDict):
    """One engine's page today: `doctor --engines`."""

    __pydantic_config__ = CLOSED

    engine: str
    outcome: str
    detail: str
    drifted: bool
    first: PageCounts
    second: PageCounts
    findings: list[EngineFinding]


class Candidate(TypedDict):
    """One result that a page shows; null for what it does not say."""

    __pydantic_config__ = CLOSED

    rank: int
    image_url: str | None
    preview: str | None
    page_url: str | None
    title: str | None
    claimed_width: int | None
    claimed_height: int | None
    licence: NotRequired[str]
    """Of an openly licensed source, as it states it."""
    licence_url: NotRequired[str]
    creator: NotRequired[str]
    creator_url: NotRequired[str]


class Unrepaired(TypedDict):
    """What the page gives without engines.toml."""

    __pydantic_config__ = CLOSED

    outcome: str
    results: int


class Inspect(TypedDict):
    """What the parsers see in a saved page."""

    __pydantic_config__ = CLOSED

    engine: str
    outcome: str
    query: str | None
    on_topic: float | None
    """The share of results that speak of the query, 0 to 1."""
    next: str | None
    """The address of the next page, where this one names one."""
    carriers: Count
    """What gave results → how many."""
    candidates: list[Candidate]
    unrepaired: NotRequired[Unrepaired]


class Browser(TypedDict):
    """One kind of browser, its driver, and what to do about it."""

    __pydantic_config__ = CLOSED

    name: str
    browser: str | None
    browser_version: str | None
    driver: str | None
    driver_version: str | None
    state: str
    advice: str


class Chosen(TypedDict):
    """The pair that a run would use."""

    __pydantic_config__ = CLOSED

    name: str
    browser: str | None
    browser_version: str | None
    driver: str
    driver_version: str | None
    step: str


class NoneFound(TypedDict):
    """Why a run would find none, and its heading in drivers.md."""

    __pydantic_config__ = CLOSED

    error: str
    heading: str


class Drivers(TypedDict):
    """Browsers and drivers on this machine."""

    __pydantic_config__ = CLOSED

    browsers: list[Browser]
    chosen: Chosen | NoneFound
