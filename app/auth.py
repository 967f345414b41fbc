"""Who calls, and what they may do: bearer tokens (JWT, Ed25519 only) and one guard per route.

The algorithm is pinned, and issuer, audience, expiry and subject are required; a token's own ideas of key or algorithm
count for nothing. A verified token is remembered until it expires. Every route names its guard.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from app.door import DoorRequest
from app.problems import Problem
from kernel.settings import Settings, SettingsError

SUBJECT_LIMIT = 100
"""Characters of a subject: it becomes part of stream claims and document ids."""

DEVELOPMENT_ISSUER = "lockstep-dev"
"""Whose tokens anyone can make who holds a development data folder."""

_PEM_END = "-----END PUBLIC KEY-----"


class Caller(msgspec.Struct, frozen=True):
    """A verified caller."""

    subject: str
    scopes: frozenset[str]
    expires: float


class Authenticator:
    """Verifies bearer tokens. Raises SettingsError when no usable key is given."""

    def __init__(self, settings: Settings, remember: int = 20_000) -> None:
        if settings.environment == "production" and settings.jwt_issuer == DEVELOPMENT_ISSUER:
            raise SettingsError("LOCKSTEP_JWT_ISSUER is the development issuer's: name your own issuer in production")
        self._keys = _public_keys(settings.jwt_public_keys)
        self._issuer, self._audience, self._remember = settings.jwt_issuer, settings.jwt_audience, remember
        self._known: OrderedDict[str, Caller] = OrderedDict()

    def caller(self, authorization: str | None) -> Caller:
        """Who this Authorization header speaks for. Raises Problem 401, which never says more than the client's own."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthenticated("a bearer token is needed")
        known = self._known.get(token)
        if known is None:
            known = self._verify(token)
            self._known[token] = known
            if len(self._known) > self._remember:
                self._known.popitem(last=False)
        elif known.expires <= time.time():
            del self._known[token]
            raise _unauthenticated("the token has expired")
        return known

    def _verify(self, token: str) -> Caller:
        failure: Exception | None = None
        for key in self._keys:
            try:
                claims = jwt.decode(
                    token,
                    key,
                    algorithms=["EdDSA"],
                    issuer=self._issuer,
                    audience=self._audience,
                    options={"require": ["exp", "iss", "aud", "sub"], "strict_aud": True},
                )
            except jwt.InvalidSignatureError as error:
                failure = error
            except jwt.PyJWTError as error:
                raise _unauthenticated(f"the token is not valid: {error}") from error
            else:
                return _caller_of(claims)
        raise _unauthenticated("the token is not valid: unknown signature") from failure


def requires(scope: str) -> Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]:
    """A guard: a valid token that has this scope (or admin). Afterwards `request.user` is the Caller."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        caller: Caller = connection.app.state.authenticator.caller(_authorization(connection))
        if scope not in caller.scopes and "admin" not in caller.scopes:
            raise Problem(403, "missing-scope", f"the token lacks the scope {scope}", scope=scope)
        connection.scope["user"] = caller

    guard.__name__ = f"requires_{scope.replace(':', '_')}"
    return guard


async def requires_any(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard: a valid token, whatever its scopes. Afterwards `request.user` is the Caller."""
    connection.scope["user"] = connection.app.state.authenticator.caller(_authorization(connection))


async def anyone(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard for what holds nobody's data: probes and the API's own description."""


def _authorization(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    return connection.header(b"authorization") if isinstance(connection, DoorRequest) else None


def _caller_of(claims: dict[str, Any]) -> Caller:
    subject, scope = claims["sub"], claims.get("scope", "")
    if not isinstance(subject, str) or not subject.strip() or len(subject) > SUBJECT_LIMIT or "\x00" in subject:
        raise _unauthenticated(f"the token's subject must be text of 1 to {SUBJECT_LIMIT} characters")
    if not isinstance(scope, str):
        raise _unauthenticated("the token's scope must be text")
    return Caller(subject, frozenset(scope.split()), float(claims["exp"]))


def _unauthenticated(detail: str) -> Problem:
    return Problem(401, "unauthenticated", detail, {"WWW-Authenticate": 'Bearer realm="lockstep"'})


def _public_keys(pem: str) -> list[Ed25519PublicKey]:
    keys = []
    for block in pem.split(_PEM_END):
        if block.strip():
            try:
                key = load_pem_public_key((block + _PEM_END).strip().encode())
            except ValueError as error:
                raise SettingsError("LOCKSTEP_JWT_PUBLIC_KEYS holds what is no PEM public key") from error
            if not isinstance(key, Ed25519PublicKey):
                raise SettingsError("LOCKSTEP_JWT_PUBLIC_KEYS holds a key that is not Ed25519")
            keys.append(key)
    if not 1 <= len(keys) <= 2:
        raise SettingsError("LOCKSTEP_JWT_PUBLIC_KEYS must hold one key, or two while one is being replaced")
    return keys
