"""The write side as first released.

Revision ID: 0001
"""

from __future__ import annotations

from alembic import context, op
from sqlalchemy import SmallInteger, column, table

from migrations.files import run_file

revision = "0001"
down_revision = None

FILES = (
    "001_log_position",
    "002_streams",
    "003_events",
    "004_outbox",
    "005_commands",
    "006_claims",
    "007_snapshots",
    "008_relay",
    "009_append_types",
    "009_apply_claims",
    "010_append",
    "020_outbox_partitions",
    "021_outbox_depth",
    "022_relay_held",
    "023_outbox_drained",
    "090_roles",
)


def upgrade() -> None:
    for name in FILES:
        run_file(name)
    for lane in range(context.config.attributes["lanes"]):
        op.bulk_insert(table("relay_lanes", column("lane", SmallInteger)), [{"lane": lane}])
