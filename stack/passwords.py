"""Secrets of a data folder: made once, kept in files only their owner can read, never printed."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


class Passwords:
    """Random passwords by name, 256 bits each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """The file that holds the secret of `name`."""
        return self._folder / name

    def get(self, name: str) -> str:
        """The password of `name`, made on first use."""
        path = self.path(name)
        if not path.exists():
            write_secret(path, secrets.token_urlsafe(32))
        return path.read_text().strip()


def write_secret(path: Path, secret: str) -> None:
    """`path` holds `secret`, readable by its owner only, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
