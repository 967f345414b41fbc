"""A domain is one package; this is how the machinery finds its parts without knowing any by name.

`<package>/__init__.py` holds `DOMAIN`; `<package>.events` EVENT_TYPES and UPCASTERS; `<package>.published`
PUBLISHED_TYPES and publish; `<package>.aggregates` AGGREGATES; `<package>.views` PROJECTIONS;
`<package>.command_routes`, `.query_routes` and `.history_routes` COMMAND_ROUTES, QUERY_ROUTES and HISTORY_ROUTES.
Each process imports only what it needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

import msgspec

from kernel.aggregate import Aggregate
from kernel.codec import Codec
from kernel.events import EventSchema
from kernel.projection import Projection
from kernel.settings import SettingsError


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    """What every process must know of a domain."""

    name: str
    """Topic `<namespace>.<name>`."""
    partitions: int = 12
    """Of the topic; recorded when the topic is made, and never changed silently."""


def load_domain(package: str) -> Domain:
    """The package's DOMAIN. Raises SettingsError when there is no such package or it holds none."""
    try:
        domain = import_module(package).DOMAIN
    except (ImportError, AttributeError) as error:
        raise SettingsError(f"LOCKSTEP_DOMAINS names {package}, which holds no domain: {error}") from error
    assert isinstance(domain, Domain)
    return domain


def load_schema(package: str) -> EventSchema:
    """The package's stored and published events."""
    events, published = import_module(f"{package}.events"), import_module(f"{package}.published")
    return EventSchema(
        types=events.EVENT_TYPES,
        upcasters=events.UPCASTERS,
        published=published.PUBLISHED_TYPES,
        publish=published.publish,
    )


def load_codec(packages: Iterable[str]) -> Codec:
    return Codec(load_schema(package) for package in packages)


def load_aggregates(packages: Iterable[str]) -> dict[str, Aggregate[Any]]:
    """Every aggregate of the packages by its category. Raises SettingsError when two share one."""
    found: list[Aggregate[Any]] = [
        aggregate for package in packages for aggregate in import_module(f"{package}.aggregates").AGGREGATES
    ]
    by_category = {aggregate.category: aggregate for aggregate in found}
    if len(by_category) != len(found):
        raise SettingsError(f"two aggregates share a category: {sorted(one.category for one in found)}")
    return by_category


def load_projections(packages: Iterable[str]) -> list[Projection]:
    """Every projection of the packages. Raises SettingsError when two share a name."""
    found = [projection for package in packages for projection in import_module(f"{package}.views").PROJECTIONS]
    names = [projection.name for projection in found]
    if len(set(names)) != len(names):
        raise SettingsError(f"two projections share a name: {sorted(names)}")
    return found
