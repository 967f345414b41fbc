"""The command `lockstep`: its subcommands, each in a module of its own that is imported when it is called for.

Every error is one sentence on standard error and one of these exit codes:
0 done, 1 it failed, 2 it was asked wrongly, 3 nothing runs on this data folder, 4 something of it is not well,
130 interrupted. What a command does stays in its module.
"""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec

import click

from cli.output import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE, report_error
from stack.errors import StackError

COMMANDS = {
    "up": "cli.up",
    "down": "cli.down",
    "status": "cli.status",
    "token": "cli.token",
    "topics": "cli.topics",
    "logs": "cli.logs",
    "load": "cli.load",
    "bench": "cli.bench",
    "parked": "cli.parked",
    "projection": "cli.projection",
    "describe": "cli.describe",
    "verify": "cli.verify",
}
"""Command → the module that holds a click command of that name."""


class LazyGroup(click.Group):
    """Imports a command's module when the command is asked for, so that `lockstep token` does not load drivers."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, module in COMMANDS.items() if find_spec(module)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(cmd_name)
        if module is None or find_spec(module) is None:
            return None
        command = getattr(importlib.import_module(module), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 failed, 2 wrong usage, 3 nothing runs here, 4 something is unwell, 130 interrupted.",
)
def lockstep() -> None:
    """Run and look after a Lockstep system: PostgreSQL, Kafka, MongoDB and the processes between them."""


def main() -> None:
    """The console script."""
    as_json = any(
        argument in ("-ojson", "--output=json") or (argument in ("-o", "--output") and following == "json")
        for argument, following in zip(sys.argv, [*sys.argv[1:], ""], strict=True)
    )
    try:
        code = lockstep.main(prog_name="lockstep", standalone_mode=False)
    except click.UsageError as error:
        help_hint = f"; see: {error.ctx.command_path} --help" if error.ctx else ""
        code = report_error(f"{error.format_message()}{help_hint}", EXIT_USAGE, as_json=as_json)
    except click.ClickException as error:
        code = report_error(error.format_message(), error.exit_code, as_json=as_json)
    except StackError as error:
        code = report_error(str(error), EXIT_FAILED, as_json=as_json)
    except (click.Abort, KeyboardInterrupt):
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone: nothing more to say
        code = EXIT_FAILED
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
