"""Read models can be rebuilt from the event store.

Revision ID: 0004
"""

from __future__ import annotations

from migrations.files import run_file

revision = "0004"
down_revision = "0003"

FILES = ("050_rebuilds", "051_events_by_position")


def upgrade() -> None:
    for name in FILES:
        run_file(name)
