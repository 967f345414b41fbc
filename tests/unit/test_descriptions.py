"""What the system says of itself: as committed, valid by its specification, and true of the code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from app import description
from app.description import Unroutable, gateway_routes, openapi
from app.routing import get, post
from cli.describe import DESCRIPTIONS
from kernel.domain import load_domain, load_schema
from kernel.settings import Settings
from relay.description import asyncapi
from relay.records import kafka_record

ROOT = Path(__file__).parents[2]
SETTINGS = Settings()
POST = "0190c2a1-7b1e-7000-8000-000000000001"


@pytest.mark.parametrize("name", sorted(DESCRIPTIONS))
def test_what_is_committed_is_what_the_code_says(name: str) -> None:
    file, make = DESCRIPTIONS[name]
    assert (ROOT / "docs/reference" / file).read_bytes() == make(SETTINGS), "it is old: make describe"


def test_the_api_is_described_by_openapi_31() -> None:
    schema = json.loads(openapi(SETTINGS))
    assert schema["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(schema).validate()


def test_the_description_has_the_routes_of_all_sides_and_nothing_a_gateway_keeps_back() -> None:
    paths = set(json.loads(openapi(SETTINGS))["paths"])
    assert {"/api/v1/posts", "/api/v1/changes", "/api/v1/posts/{post_id}/events"} <= paths
    assert all(path.startswith("/api/v1/") for path in paths)


def test_the_topics_are_described_by_asyncapi_3() -> None:
    schema = json.loads((ROOT / "tests/data/asyncapi-3.0.0.json").read_text())
    jsonschema.Draft7Validator(schema).validate(json.loads(asyncapi(SETTINGS)))


def test_every_published_type_is_a_message_of_its_topic() -> None:
    said = json.loads(asyncapi(SETTINGS))
    for package in SETTINGS.domain_packages:
        domain, published = load_domain(package), load_schema(package).published
        channel = said["channels"][domain.name]
        assert channel["address"] == SETTINGS.topic(domain.name)
        assert channel["bindings"]["kafka"]["partitions"] == domain.partitions
        assert set(channel["messages"]) == set(published)
        for name, kind in published.items():
            payload = resolved(said, said["components"]["messages"][name]["payload"])
            assert set(payload["properties"]) == {field.encode_name for field in msgspec.structs.fields(kind)}


def test_a_record_carries_the_headers_that_are_described() -> None:
    row: Any = (
        0, "", "lockstep.posts", 3, f"post-{POST}", f"post-{POST}", 7, POST, "posts.PostLiked.v1",
        "2026-01-02T03:04:05.000006Z", 1, '{"traceparent":"00-1-2-01"}', b"{}", 0,
    )  # fmt: skip
    headers = {name: value.decode() for name, value in kafka_record(row)[3]}
    schema = json.loads(asyncapi(SETTINGS))["components"]["messages"]["posts.PostLiked.v1"]["headers"]
    assert set(headers) == set(schema["properties"])
    jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(headers)


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    found: Any = document
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("path", "is_history"),
    [
        (f"/api/v1/posts/{POST}/events", True), (f"/api/v1/posts/{POST}/history/", True), ("/api/v1/posts", False),
        (f"/api/v1/posts/{POST}", False), ("/api/v1/posts/byAuthor/history", False), ("/api/v1/changes", False),
        (f"/api/v1/posts/{POST}/events/more", False), (f"/api/v1/posts/a/b/{POST}/events", False),
    ],
)  # fmt: skip
def test_a_gateway_knows_the_reads_of_history(path: str, is_history: bool) -> None:
    pattern = re.search(r"path_regexp `(.*)`", gateway_routes(SETTINGS).decode())
    assert pattern
    assert bool(re.search(pattern[1], path)) is is_history


@get("/posts/{author:str}/events", sync_to_thread=False)
def ambiguous() -> None:
    """A read of the query side where one of history's may be meant."""


@get("/posts/count", sync_to_thread=False)
def asking() -> None:
    """A read on the command side."""


@post("/posts/search", sync_to_thread=False)
def searching() -> None:
    """A question asked by POST."""


@pytest.mark.parametrize(
    ("side", "route"), [("query_routes", ambiguous), ("command_routes", asking), ("query_routes", searching)]
)
def test_a_route_that_would_go_to_another_side_is_refused(
    monkeypatch: pytest.MonkeyPatch, side: str, route: Any
) -> None:
    routes: Callable[[Settings], list[Any]] = getattr(description, side)
    monkeypatch.setattr(description, side, lambda settings: [*routes(settings), route])
    with pytest.raises(Unroutable, match=re.escape(next(iter(route.paths)))):
        gateway_routes(SETTINGS)


def test_without_history_no_read_is_historys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(description, "history_routes", lambda settings: [])
    assert "path_regexp `^/api/v1$^/?$`" in gateway_routes(SETTINGS).decode()
