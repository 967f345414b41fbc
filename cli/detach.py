"""`lockstep up --detach`: the same command in a session of its own, watched until it is up or has failed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console

from cli.progress import ProgressLine
from stack.errors import StackError, last_lines
from stack.folders import DETACHED_LOG, claim_data_folder
from stack.stack import Options
from stack.state import StackState, read_state

DETACHED_SECONDS = 300.0


def start_detached(options: Options, console: Console) -> StackState:
    """The state of the running system. Raises StackError with the last words of one that failed."""
    folder = claim_data_folder(options.data)
    log = folder / "logs" / DETACHED_LOG
    with log.open("wb") as output:
        child = subprocess.Popen(
            command(options), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    patience_ends = time.monotonic() + DETACHED_SECONDS
    with ProgressLine(console) as progress:
        try:
            while time.monotonic() < patience_ends:
                state = read_state(folder)
                if state and state.pid == child.pid and state.phase == "running":
                    return state
                if child.poll() is not None:
                    raise StackError(f"it did not start: {last_lines(log, 20).removeprefix('lockstep: ')}")
                if steps := steps_so_far(log):
                    progress(steps[-1])
                time.sleep(0.1)
        except BaseException:
            child.terminate()  # interrupted: what was started stops too
            child.wait()
            raise
    child.terminate()
    child.wait()
    raise StackError(f"it was not up within {DETACHED_SECONDS:.0f} s; its log is {log}")


def command(options: Options) -> list[str]:
    arguments = [sys.executable, "-m", "cli.main", "up", "--data", str(options.data)]
    arguments += [f"--apps={options.counts.apps}", f"--relays={options.counts.relays}"]
    arguments += [f"--projectors={options.counts.projectors}"]
    arguments += ["--gateway" if options.counts.gateway else "--no-gateway"]
    if options.base_port is not None:
        arguments += [f"--base-port={options.base_port}"]
    return [*arguments, "--fresh"] if options.fresh else arguments


def steps_so_far(log: Path) -> list[str]:
    return [line.removesuffix(" ...") for line in log.read_text(errors="replace").splitlines() if line.endswith(" ...")]
