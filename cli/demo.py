"""The demo that `lockstep up` loads: `lockstep load demo`, once a data folder."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from stack.errors import ServerFailed
from stack.server import Progress
from stack.state import StackState

LOADED = "demo-loaded"


def load_demo(state: StackState, progress: Progress) -> None:
    """The demo's posts are written, through the API like anybody's; where posts do not run, or it was done before,
    nothing happens."""
    data = Path(state.data)
    if (data / LOADED).exists() or "posts" not in state.domains or find_spec("cli.load") is None:
        return
    progress("loading the demo")
    log = data / "logs" / "demo.log"
    with log.open("wb") as output:
        loaded = subprocess.run(
            [sys.executable, "-P", "-m", "cli.main", "load", "demo"],
            env={**os.environ, "LOCKSTEP_DATA": str(data)},
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False,
        )  # fmt: skip
    if loaded.returncode:
        raise ServerFailed("the demo", f"could not be loaded (exit code {loaded.returncode})", log)
    (data / LOADED).touch()
