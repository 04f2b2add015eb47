"""The shapes of what `--json` prints: docs/schemas and the reference are made from these types.

A type's docstring is its description, the text below a key is the key's. Keys that only sometimes
are there are `NotRequired`; no other key is allowed, so that the tests notice a new one, and it is
written down here. After a change: `python docs/hooks.py` writes docs/schemas anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter
from typing_extensions import get_original_bases, is_typeddict

from . import collecting, curating, machine, scaling

SCHEMAS: Final = Path(__file__).parent.parent / "schemas"

# A command, as it is typed, to every form that its `--json` takes.
SHAPES: Final[dict[str, tuple[Any, ...]]] = {
    "scrape": (collecting.Status, collecting.Forecast),
    "build": (collecting.Build, collecting.Forecast),
    "status": (collecting.Status,),
    "report": (collecting.Report, collecting.Comparison),
    "check": (curating.Findings,),
    "dedupe": (curating.DatasetCopies, curating.FolderCopies, curating.Explanation),
    "undo": (curating.Undo, list[curating.Step], curating.PutBack),
    "review": (curating.DecisionsWritten, curating.DecisionsRead),
    "split": (collecting.Tree,),
    "verify": (curating.Verify,),
    "export": (collecting.Export,),
    "fetch": (collecting.Fetch,),
    "scale run": (scaling.ScaleStatus,),
    "scale status": (scaling.ScaleStatus,),
    "forget": (collecting.Forget,),
    "import": (collecting.Import,),
    "recipe show": (list[machine.ShippedRecipe], dict[str, Any]),
    "recipe check": (machine.CheckedRecipe,),
    "config show": (machine.Config,),
    "doctor": (machine.Doctor, list[machine.EngineHealth], machine.ModelDoctor),
    "inspect": (machine.Inspect,),
    "drivers": (machine.Drivers,),
}


def file_of(command: str) -> Path:
    """Where a command's schema lies."""
    return SCHEMAS / f"{command.replace(' ', '-')}.json"


def schema_of(command: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `pixset COMMAND --json` prints."""
    shape: Any = SHAPES[command][0]
    for other in SHAPES[command][1:]:
        shape = shape | other
    made = TypeAdapter(shape).json_schema(mode="serialization")
    for name, one in [(made.get("title"), made), *made.get("$defs", {}).items()]:
        if name in _TYPES:
            for key, text in _descriptions(_TYPES[name]).items():
                one["properties"][key].setdefault("description", text)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"pixset {command} --json",
        **_untitled(made),
    }


_TYPES: Final[dict[str, Any]] = {
    name: one
    for module in (collecting, curating, machine, scaling)
    for name, one in vars(module).items()
    if is_typeddict(one)
}


def _descriptions(shape: Any) -> dict[str, str]:
    """Key → the text below it, in the type or in one that it extends."""
    found: dict[str, str] = {}
    for base in filter(is_typeddict, get_original_bases(shape)):
        found |= _descriptions(base)
    made = TypeAdapter(shape).json_schema(mode="serialization")
    own = made.get("$defs", {}).get(shape.__name__, made).get("properties", {})
    return found | {key: one["description"] for key, one in own.items() if "description" in one}


def _untitled(value: Any) -> Any:
    """Without the titles that pydantic makes of the keys: they say nothing more."""
    if isinstance(value, dict):
        return {
            key: _untitled(one)
            for key, one in value.items()
            if key != "title" or not isinstance(one, str)
        }
    return [_untitled(one) for one in value] if isinstance(value, list) else value


def schema_text(command: str) -> str:
    """The schema as its file holds it."""
    return json.dumps(schema_of(command), indent=2, ensure_ascii=False) + "\n"
