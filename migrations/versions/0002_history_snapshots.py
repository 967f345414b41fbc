"""States that the history side keeps, to fold on from.

Revision ID: 0002
"""

from __future__ import annotations

from migrations.files import run_file

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_file("030_history_snapshots")
