"""The Litestar application of a process: the routes of its sides under /api/v1, problems, and its own description."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from app.auth import Authenticator, anyone
from app.docs import docs_routes
from app.door import DoorRequest
from app.problems import EXCEPTION_HANDLERS
from app.side import Side
from kernel.settings import Settings

DESCRIPTION = """\
Event-sourced commands and the documents that follow them. Every command takes `Idempotency-Key` and `If-Match` and
answers `ETag` and `Consistency-Token`; every read takes the token, and with `Prefer: wait=2` waits for it.
Errors are RFC 9457 problems.
"""


def make_api(settings: Settings, sides: Sequence[Side], health_routes: Sequence[Any]) -> Litestar:
    """The application. Nothing connects here."""
    app = make_described_api(settings, sides, health_routes)
    app.state.authenticator = Authenticator(settings)
    return app


def make_described_api(settings: Settings, sides: Sequence[Side], health_routes: Sequence[Any] = ()) -> Litestar:
    """The application as far as its description goes: it knows no key yet, so it would let nobody in."""
    dependencies: dict[str, Any] = {}
    for side in sides:
        for name, value in side.dependencies.items():
            dependencies[name] = Provide(_giving(value), sync_to_thread=False)
    # each side's own: the same error may mean another thing there
    api = Router(
        "/api/v1",
        route_handlers=[
            Router("/", route_handlers=list(side.routes), exception_handlers=cast(Any, side.exception_handlers))
            for side in sides
        ],
    )
    return Litestar(
        route_handlers=[api, *health_routes, *docs_routes()],
        dependencies=dependencies,
        exception_handlers=cast(Any, EXCEPTION_HANDLERS),
        request_class=DoorRequest,
        request_max_body_size=settings.max_body_bytes,
        openapi_config=OpenAPIConfig(
            title="Lockstep",
            version="1",
            description=DESCRIPTION,
            openapi_router=Router("/schema", route_handlers=[], guards=[anyone], include_in_schema=False),
            render_plugins=[
                JsonRenderPlugin()
            ],  # none would mean all, and their pages load from elsewhere: app.docs is ours
            use_handler_docstrings=True,
            components=Components(
                security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")}
            ),
        ),
        debug=False,
        logging_config=None,  # ours stands: kernel.telemetry
    )


def _giving(value: Any) -> Any:
    def give() -> Any:
        return value

    return give
