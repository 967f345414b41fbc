"""Development tokens: an Ed25519 key pair of the data folder, and bearer tokens signed with it.

Production has an issuer of its own; only its public keys are given to the app.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from stack.passwords import write_secret
from stack.topology import AUDIENCE, ISSUER

SCOPES = (
    "posts:read", "posts:write", "accounts:read", "accounts:write", "shop:read", "shop:write", "admin",
)  # fmt: skip


class DevelopmentKeys:
    """The key pair in the secrets of a data folder, made on first use."""

    def __init__(self, secrets_folder: Path) -> None:
        self._private_path = secrets_folder / "jwt-private.pem"
        self._public_path = secrets_folder / "jwt-public.pem"

    def public_key_file(self) -> Path:
        """The PEM file for LOCKSTEP_JWT_PUBLIC_KEYS_FILE."""
        self._ensure()
        return self._public_path

    def token(self, subject: str, scopes: Sequence[str] = SCOPES, hours: float = 12.0) -> str:
        """A bearer token for `subject`."""
        self._ensure()
        now = datetime.now(UTC)
        claims = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": subject, "scope": " ".join(scopes),
            "iat": now, "nbf": now, "exp": now + timedelta(hours=hours), "jti": str(uuid.uuid4()),
        }  # fmt: skip
        return jwt.encode(claims, self._private_path.read_text(), algorithm="EdDSA")

    def _ensure(self) -> None:
        if self._private_path.exists() and self._public_path.exists():
            return
        key = Ed25519PrivateKey.generate()
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        write_secret(self._private_path, private.decode())
        write_secret(self._public_path, public.decode())
