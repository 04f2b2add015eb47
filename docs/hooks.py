"""mkdocs' hooks: the reference made from the commands, the JSON schemas and the repository's pages.

Nothing of it is kept: each build writes it from what the code says. Run as a script, it writes
docs/schemas anew.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

HERE: Final = Path(__file__).parent
sys.path.insert(0, str(HERE))  # `shapes` is no package of the product

import command_pages  # noqa: E402 (found by the line above)
import shapes  # noqa: E402

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

# Pages that lie elsewhere in the repository, and where the site has them.
PAGES: Final = {
    "drivers.md": "reference/drivers.md",
    "SECURITY.md": "reference/security.md",
    "CHANGELOG.md": "reference/changelog.md",
    "benchmarks/RESULTS.md": "reference/results.md",
    "benchmarks/NOTES.md": "reference/notes.md",
}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List the reference's pages in the navigation."""
    commands = [{words: _page_of(words)} for words in command_pages.commands()]
    reference: list[Any] = [
        {"Commands": ["reference/commands/index.md", *commands]},
        {"JSON": "reference/json.md"},
        {"Checks": "reference/checks.md"},
        {"Browsers and drivers": PAGES["drivers.md"]},
        {"Measured": PAGES["benchmarks/RESULTS.md"]},
        {"What the figures mean": PAGES["benchmarks/NOTES.md"]},
        {"Security": PAGES["SECURITY.md"]},
        {"Changes": PAGES["CHANGELOG.md"]},
    ]
    nav: list[Any] = config.nav or []
    nav[-1] = {"Reference": reference}
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made."""
    from mkdocs.structure.files import File

    made = {
        "reference/json.md": command_pages.json_index(),
        "reference/checks.md": command_pages.checks(),
    }
    made["reference/commands/index.md"] = command_pages.index()
    for words, command in command_pages.commands().items():
        made[_page_of(words)] = command_pages.page(words, command)
    for source, target in PAGES.items():
        made[target] = _moved((HERE.parent / source).read_text(encoding="utf-8"), source)
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_post_page(output: str, **_: object) -> str:
    """Name the theme's search dialog for those who hear the page; let keys scroll long code."""
    output = output.replace("<pre><code", '<pre tabindex="0"><code')
    return output.replace('role="dialog"', 'role="dialog" aria-label="Search"')


def _page_of(words: str) -> str:
    return f"reference/commands/{words.replace(' ', '-')}.md"


def _moved(text: str, source: str) -> str:
    """The page's links, as they are from its place in the site; code of the repository is named."""

    def link(found: re.Match[str]) -> str:
        shown, target, anchor = found["shown"], found["target"], found["anchor"] or ""
        place = (Path(source).parent / target).as_posix()
        if place in PAGES:
            return f"[{shown}]({Path(PAGES[place]).name}{anchor})"
        return shown if shown.startswith("`") else f"{shown} (`{place}`)"

    pattern = r"\[(?P<shown>[^\]]*)\]\((?!https?:|#)(?P<target>[^)#\s]+)(?P<anchor>#[^)]*)?\)"
    return re.sub(pattern, link, text)


if __name__ == "__main__":
    for name in shapes.SHAPES:
        shapes.file_of(name).write_text(shapes.schema_text(name), encoding="utf-8")
