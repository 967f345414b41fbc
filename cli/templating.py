"""A domain's files under other names: the template is a domain like any other, of notes, and what is written is that
with other words for notes and note, which stand in it for nothing else. Which names may be is `new`'s to say.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates" / "notes"


def used_words() -> set[str]:
    """The names in the template's code that mean something else than its notes: no domain can take their place."""
    words: set[str] = set()
    for template in TEMPLATES.rglob("*.py"):
        with template.open("rb") as file:
            words |= {token.string for token in tokenize.tokenize(file.readline) if token.type == tokenize.NAME}
        words.add(template.stem)
    return {word for word in words if "note" not in word.lower()}


def write(folder: Path, package: str, name: str, one: str) -> list[Path]:
    """Every file of the domain is there. Returns them."""
    written = []
    for template in sorted(TEMPLATES.rglob("*.py")):
        target = folder / str(template.relative_to(TEMPLATES)).replace("note", one)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(renamed(template.read_text(), package, name, one))
        written.append(target)
    return written


def tidy(folder: Path) -> None:
    """Imports are sorted and lines broken as the folder's own ruff settings say, where there is a ruff: other names are
    longer or sort elsewhere. The code is right either way."""
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    if ruff := shutil.which("ruff", path=beside):
        for arguments in (("check", "--select=I", "--fix"), ("format",)):
            # from beside the folder: where no settings are above it, ruff takes those of where it runs
            subprocess.run([ruff, *arguments, "--quiet", "--no-cache", folder.name], cwd=folder.parent, check=False)


def renamed(text: str, package: str, name: str, one: str) -> str:
    """The template with other names; `from notes` and the like name the package."""
    text = re.sub(r"(?<=from )notes\b|(?<=load_schema\(\")notes\b", "PACKAGE", text)
    article = "an" if one[0] in "aeiou" else "a"
    for old, instead in (
        (r"\b([Aa]) (?=note\b)", lambda found: found[1] + article[1:] + " "),
        ("notes", name), ("NOTES", name.upper()), ("Notes", camel(name)),
        ("note", one), ("NOTE", one.upper()), ("Note", camel(one)), ("PACKAGE", package),
    ):  # fmt: skip
        text = re.sub(old, instead, text)
    return text


def camel(word: str) -> str:
    return "".join(part.capitalize() for part in word.split("_"))


def singular(name: str) -> str:
    """What one is called, by the commonest rules: entries, boxes, notes."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("s", "")):
        if name.endswith(ending) and not name.endswith("ss"):
            return name.removesuffix(ending) + instead
    return name
