"""History: the audit trail says who did what and when, and a post can be seen as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import httpx

from tests.acceptance.conftest import Post
from tests.acceptance.problems import refused


async def test_the_audit_trail_names_everything(ann: httpx.AsyncClient, bob: httpx.AsyncClient, post: Post) -> None:
    correlation = str(uuid4())
    await ann.put(post.path, json={"message": "two"}, headers={"X-Correlation-Id": correlation})
    await bob.put(f"/posts/like/{post.id}")
    trail = (await bob.get(f"{post.path}/events")).json()
    assert (trail["postId"], trail["version"], trail["next"]) == (post.id, 3, None)
    entries = trail["events"]
    assert [entry["version"] for entry in entries] == [1, 2, 3]
    assert [entry["type"] for entry in entries] == ["PostCreated", "MessageUpdated", "PostLiked"]
    assert [entry["principal"] for entry in entries] == ["ann", "ann", "bob"]
    assert entries[1]["data"] == {"message": "two"}
    assert entries[1]["correlationId"] == correlation
    assert len({entry["eventId"] for entry in entries}) == 3
    for entry in entries:
        for moment in (entry["occurredAt"], entry["recordedAt"]):
            assert abs((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()) < 120


async def test_the_audit_trail_is_paged(ann: httpx.AsyncClient, post: Post) -> None:
    for number in range(6):
        await ann.put(post.path, json={"message": str(number)})
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = (await ann.get(f"{post.path}/events?after={after}&limit=3")).json()
        seen += [entry["version"] for entry in page["events"]]
        after = page["next"]
    assert seen == list(range(1, 8))
    assert (await ann.get(f"{post.path}/events?after=7")).json()["events"] == []


async def test_a_post_as_it_was(ann: httpx.AsyncClient, bob: httpx.AsyncClient, post: Post) -> None:
    await ann.put(post.path, json={"message": "two"})
    await bob.post(f"{post.path}/comments", json={"comment": "c"})
    between = (await ann.get(f"{post.path}/events")).json()["events"][-1]["occurredAt"]
    await bob.put(f"/posts/like/{post.id}")
    await ann.delete(post.path)

    async def then(question: str) -> dict[str, object]:
        answer = await ann.get(f"{post.path}/history{question}")
        assert answer.status_code == 200, answer.text
        body: dict[str, object] = answer.json()
        return body

    first = await then("?version=1")
    assert (first["message"], first["edited"], first["version"]) == ("hello", False, 1)
    assert (await then("?version=2"))["message"] == "two"
    third = await then("?version=3")
    assert (third["commentCount"], third["likes"], third["deleted"]) == (1, 0, False)
    for question in (f"?as_of={between.replace('+', '%2B')}", f"?as_known_at={between.replace('+', '%2B')}"):
        as_of = await then(question)
        assert as_of["version"] == 3 or question.startswith("?as_known_at")
    last = await then("")
    assert (last["version"], last["likes"], last["deleted"]) == (5, 1, True)
    today = datetime.now(UTC).date().isoformat()
    assert (await then(f"?as_of={today}"))["version"] == 5
    refused(await ann.get(f"{post.path}/history?as_of=2001-01-01"), 404, "post-not-found")
    refused(await ann.get(f"{post.path}/history?as_of=yesterday"), 422, "bad-moment")
    refused(await ann.get(f"{post.path}/history?as_of=2023-05-28T12:00:00"), 422, "bad-moment")
    refused(await ann.get(f"{post.path}/history?version=0"), 422, "invalid-request")


async def test_history_is_read_after_write_without_any_token(ann: httpx.AsyncClient, post: Post) -> None:
    for number in range(2, 20):
        await ann.put(post.path, json={"message": str(number)})
        assert (await ann.get(f"{post.path}/history")).json()["version"] == number
