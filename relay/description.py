"""What the relay publishes, described for those who read it: AsyncAPI 3.0 of the domains' topics, made from the
published events themselves. The relay's own topic is nobody else's business and stays out.

Every topic is a channel, every published type a message: CloudEvents 1.0 in Kafka's binary binding, as relay.records
makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kernel.domain import Domain, load_domain, load_schema
from kernel.events import Published
from kernel.settings import Settings

BINDING_VERSION = "0.5.0"
_TEXT = {"type": "string"}
_KEY = {"type": "string", "description": "The stream, or that of what it belongs to: one key, one partition, one order"}

DESCRIPTION = """\
What happened, as others may know it. Every stored event is here exactly once for a reader with isolation.level
read_committed, in the order of versions within a stream. Fields are added, never changed: read past those you do not
know. Another meaning is a new type.
"""


def asyncapi(settings: Settings) -> bytes:
    """The description of the topics, as JSON for people to read."""
    domains = {package: load_domain(package) for package in settings.domain_packages}
    published = {package: load_schema(package).published for package in domains}
    kinds = [kind for types in published.values() for kind in types.values()]
    found, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    payloads = dict(zip(kinds, found, strict=True))
    document = {
        "asyncapi": "3.0.0",
        "id": f"urn:lockstep:{settings.namespace}",
        "info": {"title": "Lockstep: published events", "version": "1", "description": DESCRIPTION},
        "defaultContentType": "application/json",
        "channels": {
            domain.name: _channel(settings.topic(domain.name), domain, published[package])
            for package, domain in domains.items()
        },
        "operations": {
            f"publish-{domain.name}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{domain.name}"},
                "summary": f"Publishes what happened in {domain.name}, in Kafka transactions",
            }
            for domain in domains.values()
        },
        "components": {
            "messages": {
                name: _message(settings.topic(domains[package].name), name, payloads[kind])
                for package, types in published.items()
                for name, kind in types.items()
            },
            "schemas": schemas,
        },
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _channel(topic: str, domain: Domain, published: Mapping[str, type[Published]]) -> dict[str, Any]:
    return {
        "address": topic,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in published},
        "bindings": {
            "kafka": {"topic": topic, "partitions": domain.partitions, "bindingVersion": BINDING_VERSION},
        },
    }


def _message(topic: str, name: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "contentType": "application/json",
        "headers": _headers(topic, name),
        "payload": payload,
        "bindings": {"kafka": {"key": _KEY, "bindingVersion": BINDING_VERSION}},
    }


def _headers(topic: str, name: str) -> dict[str, Any]:
    """CloudEvents attributes as Kafka record headers; all are text."""
    always: dict[str, Any] = {
        "ce_specversion": {"const": "1.0"},
        "ce_type": {"const": name},
        "ce_source": {"const": "/" + topic.replace(".", "/")},
        "content-type": {"const": "application/json"},
        "ce_id": {"type": "string", "format": "uuid", "description": "The event's own, the same in every delivery"},
        "ce_time": {"type": "string", "format": "date-time", "description": "When it happened, in UTC"},
        "ce_partitionkey": _TEXT,
        "ce_stream": _TEXT | {"description": "Whose event it is: <category>-<id>"},
        "ce_sequence": {"type": "string", "pattern": "^[1-9][0-9]*$", "description": "The version in its stream"},
    }
    sometimes = {"traceparent": _TEXT | {"description": "W3C trace context of the command"}}
    return {"type": "object", "required": list(always), "properties": always | sometimes}
