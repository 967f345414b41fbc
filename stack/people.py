"""Whom one can be on a development stack: the demo's people, each with a token, in a file that the gateway offers on
loopback. Written anew at each start; production has neither the file nor the key that signs these tokens.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from stack.passwords import write_secret
from stack.tokens import SCOPES, DevelopmentKeys

FILE = "people.json"
HOURS = 7 * 24.0
CUSTOMER = tuple(scope for scope in SCOPES if not scope.startswith("shop:") and scope != "admin")
STAFF = tuple(scope for scope in SCOPES if scope != "admin")
PEOPLE = {"alice": CUSTOMER, "bob": CUSTOMER, "carol": CUSTOMER, "staff": STAFF}
"""Who may keep the shop's books is the shop's staff; all others post and have accounts."""


class Person(msgspec.Struct, frozen=True):
    name: str
    token: str


def write_people(folder: Path, keys: DevelopmentKeys) -> None:
    """`folder` holds the file, for nobody's eyes but its owner's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    people = [Person(name, keys.token(name, scopes, HOURS)) for name, scopes in PEOPLE.items()]
    write_secret(folder / FILE, msgspec.json.encode(people).decode())
