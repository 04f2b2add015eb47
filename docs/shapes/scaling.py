"""A run over parts of a list, on this machine or a cluster."""

from __future__ import annotations

from typing import Literal

from .base import Count, Shape


class Stage(Shape):
    """One stage of a run."""

    stage: Literal["plan", "fetch", "look", "candidates", "judge", "families", "split", "export"]
    parts: int
    """0 where the stage has not begun, or has nothing to do."""
    done: int
    items: int
    """Rows, addresses, pictures or pairs in the parts that are done."""
    task_seconds: float
    """All tasks' time together."""
    items_per_second: float
    """From the first task's beginning to the last one's end."""


class ScaleStatus(Shape):
    """How far a run is, and what became of every row."""

    store: str
    rows: int
    bad_lines: Count
    """Why lines of the lists are left out; plan/bad.jsonl names each."""
    stages: list[Stage]
    fates: dict[str, Count]
    """Label → same, changed, failed, inline or no-address → rows."""
    lost: Count
    """Why rows have no picture → number."""
    dropped: Count
    """A check, truncated or undecodable, duplicate, or label-conflict → pictures."""
    families: Count
    """families, doubts, and members by relation."""
    largest_component_task: int
    """Pictures of the largest task of the families stage."""
    pictures: dict[str, Count]
    """Label → split → pictures that are exported (or placed, before the export)."""
