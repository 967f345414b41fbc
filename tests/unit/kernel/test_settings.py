"""Settings come from the environment, secrets from files, and what does not fit is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.settings import SettingsError, read_settings


def test_values_are_read_by_name_and_type() -> None:
    settings = read_settings({"LOCKSTEP_LANES": "4", "LOCKSTEP_LEASE_SECONDS": "1.5", "LOCKSTEP_DOMAINS": "a.b, c"})
    assert (settings.lanes, settings.lease_seconds, settings.domain_packages) == (4, 1.5, ["a.b", "c"])


def test_a_secret_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "dsn").write_text("postgresql://x\n")
    assert read_settings({"LOCKSTEP_POSTGRES_DSN_FILE": str(tmp_path / "dsn")}).postgres_dsn == "postgresql://x"
    with pytest.raises(SettingsError, match=r"LOCKSTEP_POSTGRES_DSN_FILE names .* cannot be read"):
        read_settings({"LOCKSTEP_POSTGRES_DSN_FILE": str(tmp_path / "none")})


def test_what_does_not_fit_or_is_missing_is_named() -> None:
    with pytest.raises(SettingsError, match="role"):
        read_settings({"LOCKSTEP_ROLE": "everything"})
    with pytest.raises(SettingsError, match="LOCKSTEP_POSTGRES_DSN is not set"):
        read_settings({}).require("postgres_dsn")


def test_production_is_the_default() -> None:
    assert read_settings({}).environment == "production"
