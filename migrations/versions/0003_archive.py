"""The archive of closed streams.

Revision ID: 0003
"""

from __future__ import annotations

from migrations.files import run_file

revision = "0003"
down_revision = "0002"

FILES = (
    "040_streams_archived",
    "041_events_archive",
    "042_all_events",
    "043_refuse_history_loss",
    "044_refuse_version_gap_v2",
    "045_unpublished_streams",
    "046_archive_closed",
)


def upgrade() -> None:
    for name in FILES:
        run_file(name)
