"""How a missing optional part is installed, for the way in which pixset itself was."""

from __future__ import annotations

import json
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


def how_to_install(extra: str) -> str:
    """The line that brings an extra (`parquet`): for a shell, in this very environment."""
    return install_line(extra, _direct_url(), Path(sys.prefix), Path.cwd())


def install_line(
    extra: str, direct_url: Mapping[str, object] | None, prefix: Path, here: Path
) -> str:
    """The line for a pixset that `direct_url` (PEP 610's record) says where it came from.

    `prefix` is its environment, which may be pipx's or uv's; `here` the current folder. None
    for a direct_url: it came from an index, by its name.
    """
    from urllib.request import url2pathname  # 40 ms: brings http and ssl

    source = f"pixset[{extra}]"
    url = str((direct_url or {}).get("url", ""))
    path = Path(url2pathname(urlsplit(url).path)) if url.startswith("file:") else None
    if path is not None and path.is_dir():
        source = f".[{extra}]" if path.resolve() == here.resolve() else f"{path}[{extra}]"
        folder = (direct_url or {}).get("dir_info")
        if isinstance(folder, dict) and folder.get("editable"):
            return f"{_tool(prefix)}--editable {_quoted(source)}"
    elif url:
        source = f"pixset[{extra}] @ {url}"
    return f"{_tool(prefix)}{_quoted(source)}"


def _quoted(source: str) -> str:
    """For a shell: brackets are patterns to one of them, single quotes nothing to Windows'."""
    return f'"{source}"' if sys.platform == "win32" else f"'{source}'"


def _tool(prefix: Path) -> str:
    if (prefix / "pipx_metadata.json").is_file():
        return "pipx install --force "
    if (prefix / "uv-receipt.toml").is_file():
        return "uv tool install --force "
    return "pip install "


def _direct_url() -> dict[str, object] | None:
    try:
        text = metadata.distribution("pixset").read_text("direct_url.json")
    except metadata.PackageNotFoundError:  # run from a checkout that was never installed
        return {"url": Path.cwd().as_uri(), "dir_info": {}}
    if not text:
        return None
    record: dict[str, object] = json.loads(text)
    return record
