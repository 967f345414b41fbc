"""Where things are kept: downloads in the user's cache, everything a running stack writes in one data folder.

A data folder carries a marker, so that `--fresh` can never wipe a folder that is not ours.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from stack.errors import StackError

MARKER = ".lockstep-data"
DETACHED_LOG = "up.log"
"""In logs/: what a detached `lockstep up` writes; it is being written while that wipes the folder."""


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's cache for downloads: LOCKSTEP_CACHE, else the XDG cache. It may not exist yet."""
    if given := environ.get("LOCKSTEP_CACHE"):
        return Path(given).resolve()
    if xdg := environ.get("XDG_CACHE_HOME"):
        return Path(xdg).resolve() / "lockstep"
    return Path.home() / ".cache" / "lockstep"


def claim_data_folder(folder: Path) -> Path:
    """`folder` exists, is ours and is marked so. Raises StackError for a folder that holds somebody else's files."""
    folder = folder.resolve()
    if folder.exists() and not folder.is_dir():
        raise StackError(f"{folder} is a file; name a folder with --data")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise StackError(f"{folder} holds files that are not Lockstep's; name an empty or new folder with --data")
    try:
        # others may pass through (PostgreSQL runs as another user when we are root), secrets inside are 0600
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        (folder / MARKER).touch()
        (folder / "logs").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StackError(f"{folder} cannot be written ({error.strerror}); name another folder with --data") from error
    return folder


def wipe_data_folder(folder: Path) -> None:
    """Nothing of an earlier run is left in `folder`; a folder without our marker is refused, a missing one is fine."""
    folder = folder.resolve()
    if not folder.exists():
        return
    if not (folder / MARKER).exists():
        raise StackError(f"{folder} was not made by Lockstep and is not wiped; remove it yourself or name another")
    logs = folder / "logs"
    kept = {folder / MARKER, logs, logs / DETACHED_LOG}
    for entry in [*folder.iterdir(), *(logs.iterdir() if logs.is_dir() else ())]:
        if entry in kept:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
