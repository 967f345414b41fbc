"""P10: nobody gets in without a valid token of the right scope; a token says who its bearer is, nothing else does."""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chaos.system import READER, WRITER, System
from stack.topology import AUDIENCE, ISSUER
from tests.acceptance.conftest import Post
from tests.acceptance.problems import refused

CLAIMS: dict[str, Any] = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "scope": f"{READER} {WRITER}"}


def private_key(house: System) -> str:
    return (house.ground.folder / "keys" / "jwt-private.pem").read_text()


def signed(house: System, **claims: Any) -> str:
    given = {**CLAIMS, "exp": int(time.time()) + 60, **claims}
    return jwt.encode({name: value for name, value in given.items() if value is not None}, private_key(house), "EdDSA")


async def ask(house: System, authorization: str | None) -> httpx.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{house.api_port}/api/v1") as client:
        return await client.get("/posts", headers=headers)


async def test_a_good_token_is_let_in(house: System) -> None:
    assert (await ask(house, f"Bearer {signed(house)}")).status_code == 200


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic YW5uOmFubg==", "Bearer a.b.c", "bearer x y"])
async def test_no_token_no_answer(house: System, header: str | None) -> None:
    answer = await ask(house, header)
    refused(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "another"}, {"iss": None}, {"aud": "another"}, {"aud": None}, {"aud": [AUDIENCE, "another"]},
        {"exp": None}, {"exp": 1}, {"exp": "tomorrow"}, {"nbf": 2**33}, {"sub": None}, {"sub": ""}, {"sub": "a\x00b"},
        {"sub": "x" * 101}, {"sub": 7}, {"scope": ["posts:read"]},
    ],
    ids=str,
)  # fmt: skip
async def test_claims_are_checked(house: System, claims: dict[str, Any]) -> None:
    try:
        token = signed(house, **claims)
    except TypeError:  # the library refuses to make it: a forger would not
        header, body = {"alg": "EdDSA", "typ": "JWT"}, {**CLAIMS, "exp": int(time.time()) + 60, **claims}
        token = forged(house, header, body)
    refused(await ask(house, f"Bearer {token}"), 401, "unauthenticated")


async def test_no_other_algorithm_and_no_other_key(house: System) -> None:
    body = {**CLAIMS, "exp": int(time.time()) + 60}
    public = house.ground.keys.public_key_file().read_text()
    stranger = Ed25519PrivateKey.generate()
    tokens = [
        jwt.encode(body, "", "none"),
        hs256_with(public, body),
        jwt.encode(body, "x" * 40, "HS256"),
        jwt.encode(body, stranger, "EdDSA"),
        jwt.encode(body, stranger, "EdDSA", headers={"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}}),
        signed(house)[:-4] + "AAAA",
    ]
    for token in tokens:
        refused(await ask(house, f"Bearer {token}"), 401, "unauthenticated")


async def test_scopes_are_checked_on_every_kind_of_route(house: System, post: Post) -> None:
    async with house.client("ann", [READER]) as reader, house.client("ann", [WRITER]) as writer:
        assert (await reader.get(post.path, headers=post.fresh)).status_code == 200
        problem = refused(await reader.put(post.path, json={"message": "x"}), 403, "missing-scope")
        assert problem["scope"] == WRITER
        for path in (post.path, "/posts", f"{post.path}/events", f"{post.path}/history", "/changes"):
            refused(await writer.get(path), 403, "missing-scope")
        assert (await writer.put(post.path, json={"message": "y"})).status_code == 200
    async with house.client("root", ["admin"]) as admin:
        assert (await admin.get(post.path)).status_code == 200
        refused(await admin.put(post.path, json={"message": "x"}), 403, "not-yours")


async def test_a_stored_answer_is_told_to_nobody_else(
    house: System, ann: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    first = await ann.post("/posts", json={"message": "same"}, headers=key)
    second = await bob.post("/posts", json={"message": "same"}, headers=key)
    assert first.json()["id"] != second.json()["id"]


def forged(house: System, header: dict[str, Any], body: dict[str, Any]) -> str:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    parts = ".".join(base64url(json.dumps(part).encode()) for part in (header, body))
    key = load_pem_private_key(private_key(house).encode(), None)
    assert isinstance(key, Ed25519PrivateKey)
    return f"{parts}.{base64url(key.sign(parts.encode()))}"


def hs256_with(secret: str, body: dict[str, Any]) -> str:
    """The public key taken for a shared secret: the oldest forgery there is."""
    import hashlib
    import hmac

    parts = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, body))
    return f"{parts}.{base64url(hmac.new(secret.encode(), parts.encode(), hashlib.sha256).digest())}"


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
