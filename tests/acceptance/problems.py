"""How every refusal looks: RFC 9457, and its type is the promise."""

from __future__ import annotations

from typing import Any

import httpx


def refused(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """The answer is this problem; says its members."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    assert answer.headers["content-type"].partition(";")[0] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == f"/problems/{kind}", problem
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert "Traceback" not in answer.text
    assert 'File "' not in answer.text
    if status in (429, 503):
        assert int(answer.headers["Retry-After"]) > 0
    return problem


def changed(answer: httpx.Response, version: int) -> str:
    """The command was accepted and the post stands at `version`; says its token."""
    assert answer.status_code in (200, 201), answer.text
    assert answer.headers["ETag"] == f'"{version}"'
    token: str = answer.headers["Consistency-Token"]
    assert token.endswith(f"@{version}")
    if answer.status_code == 200:
        assert answer.json()["version"] == version
    return token
