"""The domains that a system runs: found once, before anything starts, and found again by every process of it.

Packages may be installed, on PYTHONPATH, or in the current folder, which is looked at last. For our processes, what is
Lockstep's comes first: somebody's folder named `app` is not taken for ours.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import msgspec

from kernel.domain import load_domain
from kernel.settings import SettingsError, read_settings
from stack.errors import StackError

VARIABLE = "LOCKSTEP_DOMAINS"
OURS = str(Path(__file__).parents[1])


class Domains(msgspec.Struct, frozen=True):
    """The names of the domains that run, in order, and the environment in which every process finds them."""

    names: tuple[str, ...]
    environment: Mapping[str, str]


def find_domains(environ: Mapping[str, str] = os.environ) -> Domains:
    """The domains that LOCKSTEP_DOMAINS names. Raises StackError for one that cannot be imported or holds none."""
    see_current_folder()
    try:
        packages = named_packages(environ)
        names = tuple(load_domain(package).name for package in packages)
    except SettingsError as error:
        raise StackError(f"{error} (it must be installed, on PYTHONPATH, or in the current folder)") from error
    if twice := [name for name in names if names.count(name) > 1]:
        raise StackError(f"{VARIABLE} names two domains {twice[0]}: {', '.join(packages)}")
    path = [OURS, *environ.get("PYTHONPATH", "").split(os.pathsep), *map(folder_of, packages)]
    given = {VARIABLE: ",".join(packages), "PYTHONPATH": os.pathsep.join(dict.fromkeys(filter(None, path)))}
    return Domains(names, {**environ, **given})


def named_packages(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The packages that the one setting names; the others may be there or not. Raises SettingsError."""
    given = {name: environ[name] for name in (VARIABLE, f"{VARIABLE}_FILE") if name in environ}
    return read_settings(given).domain_packages


def see_current_folder() -> None:
    """Packages in the current folder can be imported, after all others."""
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.append(here)


def folder_of(package: str) -> str:
    """The folder from which the package is imported."""
    (folder, *_) = import_module(package).__path__
    return str(Path(folder).resolve().parents[package.count(".")])
