"""The machine, its browsers, the engines' pages, your recipes and your defaults."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from .base import Count, Shape

_From = TypedDict("_From", {"from": str})  # a word of Python's


class Option(Shape, _From):
    """One option of one command: its value, and where that comes from."""

    command: str
    option: str
    value: Any


class Config(Shape):
    """Your file of defaults, and what holds."""

    file: str
    is_there: bool
    options: list[Option]


class ShippedRecipe(Shape):
    """One recipe that comes with pixset: `recipe show`."""

    recipe: str
    labels: int
    description: str


class AskedLabel(Shape):
    """What a recipe asks for one label."""

    label: str
    wanted: int | None
    """Pictures; null: as many as come."""
    queries: int
    left_out: int
    """Queries that a small target does not need."""
    candidates: int


class CheckedRecipe(Shape):
    """What a recipe asks for."""

    recipe: str
    split: str
    labels: list[AskedLabel]


class Check(Shape):
    """One thing that was looked at; `state` is ok, note or bad."""

    name: str
    state: Literal["ok", "note", "bad"]
    said: str


class Doctor(Shape):
    """What a run needs, and whether a browser starts."""

    checks: list[Check]
    browser_starts: bool


class ModelCheck(Shape):
    """One thing about a model file."""

    name: str
    state: Literal["ok", "note", "bad"]
    message: str


class ModelDoctor(Shape):
    """What a model file is: `doctor --model`."""

    checks: list[ModelCheck]


class PageCounts(Shape):
    """What was read on one page of results."""

    results: int
    originals: int
    previews: int
    on_topic: float | None
    extractors: Count


class EngineFinding(Shape):
    """One thing that a page has to have."""

    name: str
    holds: bool
    message: str


class EngineHealth(Shape):
    """One engine's page today: `doctor --engines`."""

    engine: str
    outcome: str
    detail: str
    drifted: bool
    first: PageCounts
    second: PageCounts
    findings: list[EngineFinding]


class Candidate(Shape):
    """One result that a page shows; null for what it does not say."""

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


class Unrepaired(Shape):
    """What the page gives without engines.toml."""

    outcome: str
    results: int


class Inspect(Shape):
    """What the parsers see in a saved page."""

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


class Browser(Shape):
    """One kind of browser, its driver, and what to do about it."""

    name: str
    browser: str | None
    browser_version: str | None
    driver: str | None
    driver_version: str | None
    state: str
    advice: str


class Chosen(Shape):
    """The pair that a run would use."""

    name: str
    browser: str | None
    browser_version: str | None
    driver: str
    driver_version: str | None
    step: str


class NoneFound(Shape):
    """Why a run would find none, and its heading in drivers.md."""

    error: str
    heading: str


class Drivers(Shape):
    """Browsers and drivers on this machine."""

    browsers: list[Browser]
    chosen: Chosen | NoneFound
