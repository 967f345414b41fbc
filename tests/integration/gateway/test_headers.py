"""What a request says of its caller, and what an answer says to a browser: cleaned on the way in, secured on the way
out.
"""

from __future__ import annotations

import httpx
import pytest

from tests.integration.gateway.conftest import Front

CLAIMED = [
    "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-User", "X-Forwarded-Email",
    "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "CF-Connecting-IP", "X-Original-URL",
    "X-Rewrite-URL", "X-Original-Forwarded-For", "X-User", "X-User-Id", "X-Username", "X-Email", "X-Remote-User",
    "Remote-User", "Remote-Groups", "X-Auth-Request-User", "X-Authenticated-User", "X-Authenticated-Userid",
    "X-MS-Client-Principal-Name", "X-Amzn-Oidc-Identity", "X-Goog-Authenticated-User-Email", "X-SSL-Client-Cert",
    "SSL-Client-Verify", "X-HTTP-Method-Override", "X-Method-Override", "Proxy", "Via", "X-Envoy-External-Address",
]  # fmt: skip
KEPT = {
    "Authorization": "Bearer token",
    "Idempotency-Key": "key-1",
    "If-Match": '"3"',
    "If-None-Match": 'W/"a", "3"',
    "Consistency-Token": "post-1@3,post-2@1",
    "Prefer": "wait=5",
    "Last-Event-ID": "abc",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "X-Correlation-Id": "0190c2a1-7b1e-7000-8000-000000000001",
    "Content-Type": "application/json",
}


def arrived(front: Front) -> dict[str, str]:
    """The headers of the last command, names in lower case."""
    return {name.lower(): value for name, value in front.commands.received[-1]["headers"].items()}


def test_what_a_caller_claims_to_be_goes_no_further(front: Front, client: httpx.Client) -> None:
    client.post("/api/v1/posts", headers=dict.fromkeys(CLAIMED, "root"))
    assert not {name.lower() for name in CLAIMED} & set(arrived(front))
    assert "root" not in arrived(front).values()


def test_what_a_command_is_made_of_arrives(front: Front, client: httpx.Client) -> None:
    client.post("/api/v1/posts", headers=KEPT, content=b"{}")
    assert KEPT.items() <= {name: arrived(front).get(name.lower()) for name in KEPT}.items()


def test_headers_of_one_hop_end_there(front: Front, client: httpx.Client) -> None:
    hop = {"Connection": "keep-alive, X-Only-Here", "X-Only-Here": "1", "Keep-Alive": "timeout=9", "Upgrade": "h2c"}
    client.post("/api/v1/posts", headers=hop | {"Proxy-Authorization": "Basic eDp5", "Proxy-Connection": "close"})
    assert not {"x-only-here", "keep-alive", "upgrade", "proxy-authorization", "proxy-connection"} & set(arrived(front))


@pytest.mark.parametrize("given", ["abc-1.2_3", "x" * 64])
def test_a_request_id_is_passed_on_and_answered(front: Front, client: httpx.Client, given: str) -> None:
    answer = client.post("/api/v1/posts", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] == arrived(front)["x-request-id"] == given


@pytest.mark.parametrize("given", [None, "", "x" * 65, "a b", 'a"b', "a\u00fcb", "a,b"])
def test_a_request_without_a_usable_id_is_given_one(front: Front, client: httpx.Client, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-Id": given.encode()}
    answer = client.post("/api/v1/posts", headers=headers)  # type: ignore[arg-type]
    assert answer.headers["X-Request-Id"] == arrived(front)["x-request-id"] != given
    assert len(answer.headers["X-Request-Id"]) == 36


@pytest.mark.parametrize("path", ["/api/v1/posts", "/api/v1/changes", "/docs", "/openapi.json", "/", "/nothing"])
def test_every_answer_is_safe_in_a_browser(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Request-Id"]
    assert "Server" not in headers
    assert "Via" not in headers
    if path != "/docs":  # the page of the API's own makes its own policy
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_a_policy_of_a_process_own_stays(front: Front, client: httpx.Client) -> None:
    own = {"Content-Security-Policy": "default-src 'self'", "Cache-Control": "private, no-cache"}
    for path in ("/docs", "/api/v1/posts"):
        front.queries.answer_with[path] = front.other_queries.answer_with[path] = own
        answer = client.get(path)
        assert own == {name: answer.headers[name] for name in own}


@pytest.mark.parametrize("encoding", ["zstd", "gzip"])
def test_what_is_large_is_compressed_and_its_tag_stays_the_version(client: httpx.Client, encoding: str) -> None:
    with client.stream("GET", "/api/v1/posts/large", headers={"Accept-Encoding": encoding}) as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert len(sent) < 2_000
    assert answer.headers["ETag"] == '"7"'  # as If-Match must have it


@pytest.mark.parametrize("accept", ["identity", "br"])
def test_what_nobody_asked_for_is_not_compressed(client: httpx.Client, accept: str) -> None:
    for path, encoding in (("/api/v1/posts/large", accept), ("/api/v1/posts", "zstd, gzip")):
        assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": encoding}).headers


def test_a_log_names_no_caller_no_token_and_nothing_that_was_asked_for(front: Front, client: httpx.Client) -> None:
    headers = {"Authorization": "Bearer secret-token", "X-Request-Id": "in-the-log", "Cookie": "secret=1"}
    client.post("/api/v1/posts?cursor=secret-cursor", headers=headers, content=b"secret-body")
    assert '"request_id":"in-the-log"' in front.log
    assert '"uri":"/api/v1/posts"' in front.log
    assert "secret" not in front.log
    assert "python-httpx" not in front.log
    assert "remote_ip" not in front.log
