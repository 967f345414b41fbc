"""What a first visit loads, from the built files: the bundler's own manifest says what belongs together."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

DIST = Path(__file__).parents[2] / "web" / "dist"
LIMIT_KB = 250


def manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DIST / ".vite" / "manifest.json").read_text())
    return found


def files_of(entries: tuple[str, ...]) -> set[str]:
    """All files that these entries need, fonts among them."""
    chunks, files, waiting = manifest(), set[str](), list(entries)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        chunk = chunks[name]
        files |= {chunk["file"], *chunk.get("css", ())}
        files |= {asset for asset in chunk.get("assets", ()) if "latin-ext" not in asset}  # fetched for other alphabets
        waiting += chunk.get("imports", ())
    return files | {"index.html", "scheme.js", "icon.svg"}


PAGES = [name for name, chunk in manifest().items() if chunk.get("isDynamicEntry")] if DIST.exists() else []


def test_the_page_is_built_of_several_parts() -> None:
    assert len(PAGES) >= 4, "the page is not built (make page), or no longer split"


@pytest.mark.parametrize("page", PAGES)
def test_a_first_visit_loads_at_most_250_kb(page: str) -> None:
    size = sum(len(gzip.compress((DIST / file).read_bytes(), 6)) for file in files_of(("index.html", page)))
    assert size <= LIMIT_KB * 1_000, f"{page}: {size / 1_000:.0f} kB gzip"


def test_nothing_is_loaded_from_elsewhere() -> None:
    index = (DIST / "index.html").read_text()
    assert "//" not in index.replace("<!--", "")
    for sheet in DIST.glob("assets/*.css"):
        assert "url(http" not in sheet.read_text()
