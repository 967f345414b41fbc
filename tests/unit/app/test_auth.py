"""Start-up refuses keys and issuers that would let others in."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.auth import Authenticator
from kernel.settings import Settings, SettingsError


def pem(key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


ONE, TWO, THREE = (pem(Ed25519PrivateKey.generate()) for _ in range(3))


def test_one_key_or_two_while_one_is_replaced() -> None:
    for keys in (ONE, ONE + TWO):
        Authenticator(Settings(jwt_public_keys=keys, jwt_issuer="me"))
    for keys in ("", ONE + TWO + THREE):
        with pytest.raises(SettingsError, match="one key, or two"):
            Authenticator(Settings(jwt_public_keys=keys, jwt_issuer="me"))


def test_only_ed25519_keys_are_taken() -> None:
    with pytest.raises(SettingsError, match="not Ed25519"):
        Authenticator(Settings(jwt_public_keys=pem(ec.generate_private_key(ec.SECP256R1())), jwt_issuer="me"))
    with pytest.raises(SettingsError, match="no PEM"):
        Authenticator(Settings(jwt_public_keys="secret", jwt_issuer="me"))


def test_production_refuses_the_development_issuer() -> None:
    with pytest.raises(SettingsError, match="your own issuer"):
        Authenticator(Settings(jwt_public_keys=ONE))
    Authenticator(Settings(jwt_public_keys=ONE, environment="development"))
