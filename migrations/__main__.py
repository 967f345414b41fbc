"""`python -m migrations`: roles with the passwords given, then the schema up to date.

Needs LOCKSTEP_POSTGRES_DSN of a user who may create roles, and LOCKSTEP_APP_PASSWORD, LOCKSTEP_RELAY_PASSWORD,
LOCKSTEP_READER_PASSWORD (each also as *_FILE). Safe to repeat, and for several databases of one cluster at once.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config

from kernel.settings import SettingsError, read_settings

ROLES = ("app", "relay", "reader")

MAKE_ROLE = """
    DO $$ BEGIN
        CREATE ROLE {role} {login};
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
"""

ROLE_LIMITS = {
    # A forgotten transaction would hold VACUUM and partition drops up; a command that waits longer has lost its client.
    "idle_in_transaction_session_timeout": "10s",
    "statement_timeout": "30s",
    "lock_timeout": "5s",
}


def secret(name: str) -> str:
    """The value of a variable, or of the file its *_FILE names. Raises SettingsError when neither is given."""
    path = os.environ.get(f"{name}_FILE")
    value = Path(path).read_text().strip() if path else os.environ.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set: give it, or {name}_FILE")
    return value


async def make_roles(dsn: str, passwords: dict[str, str]) -> None:
    """The owner and the three run-time roles exist, with these passwords and limits; the owner owns the database."""
    connection = await asyncpg.connect(dsn)
    try:
        # roles belong to the whole cluster: migrations of two databases take turns (the number is "lock" on a phone)
        await connection.execute("SELECT pg_advisory_lock(5625)")
        await connection.execute(MAKE_ROLE.format(role="lockstep_owner", login="NOLOGIN"))
        for role in ROLES:
            name = f"lockstep_{role}"
            await connection.execute(MAKE_ROLE.format(role=name, login="LOGIN"))
            quoted = await connection.fetchval("SELECT quote_literal($1::text)", passwords[role])
            await connection.execute(f"ALTER ROLE {name} PASSWORD {quoted}")
            for setting, limit in ROLE_LIMITS.items():
                await connection.execute(f"ALTER ROLE {name} SET {setting} = '{limit}'")
        # who holds the relay or VACUUM up is in pg_stat_activity, of other databases too
        await connection.execute("GRANT pg_read_all_stats TO lockstep_relay")
        database = await connection.fetchval("SELECT quote_ident(current_database())")
        await connection.execute(f"ALTER DATABASE {database} OWNER TO lockstep_owner")
        await connection.execute("ALTER SCHEMA public OWNER TO lockstep_owner")
    finally:
        await connection.close()


def main() -> int:
    try:
        settings = read_settings()
        settings.require("postgres_dsn")
        passwords = {role: secret(f"LOCKSTEP_{role.upper()}_PASSWORD") for role in ROLES}
    except SettingsError as error:
        print(f"migrations: {error}", file=sys.stderr)
        return 2
    asyncio.run(make_roles(settings.postgres_dsn, passwords))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["dsn"] = settings.postgres_dsn
    config.attributes["lanes"] = settings.lanes
    command.upgrade(config, "head")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
