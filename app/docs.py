"""The API's own description: OpenAPI as JSON, and Scalar's page over it, served from our own files."""

from __future__ import annotations

from pathlib import Path

from litestar import Request, Response
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.serialization import encode_json

from app.auth import anyone
from app.routing import get

STATIC = Path(__file__).parent / "static"

PAGE = b"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lockstep API</title></head>
<body><script id="api-reference" data-url="/openapi.json"></script><script src="/docs/scalar.js"></script></body>
</html>
"""

# Scalar styles itself with inline styles and data: fonts; nothing is loaded from anywhere else.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:;"
    " connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def docs_routes() -> list[HTTPRouteHandler]:
    """/openapi.json, /docs and its script."""
    script: list[bytes] = []

    @get("/openapi.json", guards=[anyone], include_in_schema=False)
    async def openapi(request: Request[object, object, State]) -> Response[bytes]:
        schema = request.app.openapi_schema.to_schema()
        return Response(encode_json(schema), media_type="application/json")

    @get("/docs", guards=[anyone], include_in_schema=False)
    async def docs() -> Response[bytes]:
        return Response(PAGE, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": POLICY})

    @get("/docs/scalar.js", guards=[anyone], include_in_schema=False, sync_to_thread=True)
    def scalar() -> Response[bytes]:
        if not script:
            script.append((STATIC / "scalar.js").read_bytes())
        return Response(
            script[0],
            media_type="text/javascript",
            headers={"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"},
        )

    return [openapi, docs, scalar]
