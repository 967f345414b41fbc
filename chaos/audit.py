"""What is asked once everything is at rest: acknowledged commands again under their keys, and the lists, page by page.

The answers go into the history; whether they are right is the checker's to say.
"""

from __future__ import annotations

from typing import Any

import msgspec

from chaos.asking import Person
from chaos.crowd import Crowd
from chaos.journal import Journal

LISTS: list[tuple[str, dict[str, Any]]] = [
    ("/posts/withLikes/2", {"likes": 2}),
    ("/posts/byAuthor/person-1", {"author": "person-1"}),
    ("/posts/withComments", {"comments": True}),
]
PAGE, AT_MOST = 100, 5_000
AUDIT_PATIENCE_SECONDS = 15.0


async def ask_again(crowd: Crowd) -> int:
    """How many acknowledged commands were sent again and accepted, each under its old key, until one was not."""
    auditor = crowd.person("auditor")
    again = 0
    for command in list(crowd.accepted):
        if not (await auditor.command(command, patience=AUDIT_PATIENCE_SECONDS)).ok:
            break  # one is enough to know
        again += 1
    auditor.caller.close()
    return again


async def read_lists(crowd: Crowd) -> None:
    """Every list was read to its end, or given up when it is very long."""
    auditor = crowd.person("auditor")
    for path, which in LISTS:
        await _read_list(crowd.journal, auditor, path, which)
    auditor.caller.close()


async def _read_list(journal: Journal, auditor: Person, path: str, which: dict[str, Any]) -> None:
    ids: list[str] = []
    cursor, words = "", ["200"]
    asked = None
    while len(ids) < AT_MOST:
        more = f"&cursor={cursor}" if cursor else ""
        asked = asked or journal.asked(auditor.client, "list", principal=auditor.name, args=which)
        word, answer = await auditor.caller.attempt(auditor.name, "GET", f"{path}?limit={PAGE}{more}")
        if answer is None or answer.status != 200:
            journal.told(auditor.client, asked, [word])
            return
        page = msgspec.json.decode(answer.body, type=dict[str, Any])
        ids += [post["postId"] for post in page["posts"]]
        if not page["cursor"]:
            journal.told(auditor.client, asked, words, seen={"ids": ids})
            return
        cursor = page["cursor"]
    assert asked is not None
    journal.told(auditor.client, asked, words, seen={"ids": ids, "more": True})
