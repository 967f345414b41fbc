"""What OpenAPI says of every command beyond its body: the headers it takes, and those it answers."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIHeader, OpenAPIResponse, OpenAPIType, Operation, Parameter, Schema

_TEXT = OpenAPIType.STRING


@dataclass
class CommandOperation(Operation):
    """A command: safe to repeat with its key, conditional on a version, answered with version and token."""

    def __post_init__(self) -> None:
        self.parameters = [
            *(self.parameters or []),
            _header(
                "Idempotency-Key",
                "Chosen by the client, the same for every try: the command is done once, and each try gets the first"
                " answer. 1 to 200 visible ASCII characters.",
                Schema(type=_TEXT, min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$"),
            ),
            _header(
                "If-Match",
                "The ETag last seen: 412 if the stream has moved on since.",
                Schema(type=_TEXT, pattern=r'^("\d{1,18}"|\*)$'),
            ),
            _header("X-Correlation-Id", "Kept with the events.", Schema(type=_TEXT, pattern="^[0-9a-fA-F-]{32,36}$")),
            _header("traceparent", "W3C trace context, kept with the events and passed on.", Schema(type=_TEXT)),
        ]
        for status, response in (self.responses or {}).items():
            if status.startswith("2") and isinstance(response, OpenAPIResponse):
                response.headers = {
                    "ETag": OpenAPIHeader(schema=Schema(type=_TEXT), description="The version, quoted"),
                    "Consistency-Token": OpenAPIHeader(
                        schema=Schema(type=_TEXT), description="Send it with a read to see this command's effect"
                    ),
                    "Idempotency-Replayed": OpenAPIHeader(
                        schema=Schema(type=_TEXT, enum=["true"]), description="This is the first answer, given again"
                    ),
                }


@dataclass
class BodilessOperation(CommandOperation):
    """A command whose body may be left out."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.request_body is not None:
            self.request_body.required = False  # type: ignore[union-attr]


def _header(name: str, description: str, schema: Schema) -> Parameter:
    return Parameter(name=name, param_in="header", description=description, required=False, schema=schema)
