"""The kit for tests of a domain fails where it should: a kit that says yes to everything proves nothing."""

from __future__ import annotations

from typing import Any

import pytest

from domains.posts.events import PostCreated
from domains.posts.post import CreatePost, NotYours, PostNotFound, UpdateMessage
from kernel.events import Published, PublishedEvent
from kernel.projection import Changes, Documents, Lookup, Projection, Ref
from lockstep_testing.facts import until
from lockstep_testing.projections import Seen
from tests.unit.posts.given import NOW, given

CREATED = PostCreated(author="ann", message="first", date_posted=NOW)


class Said(Published, frozen=True, kw_only=True):
    word: str = ""


def projection(fold: Any, **more: Any) -> Projection:
    return Projection(
        name="words",
        domain="words",
        categories=("word",),
        primary="words",
        collections={"words": (), "pairs": ()},
        fold=fold,
        **more,
    )


def test_other_events_than_expected_fail() -> None:
    done = given().when(CreatePost(author="ann", message="first"))
    with pytest.raises(AssertionError):
        done.then()
    with pytest.raises(AssertionError):
        done.then(CREATED, CREATED)
    with pytest.raises(AssertionError, match="not refused"):
        done.then_refused(PostNotFound)


def test_a_refusal_fails_what_expects_events_and_what_expects_another() -> None:
    refused = given().when(UpdateMessage(by="ann", message="x"))
    with pytest.raises(AssertionError, match="there is no post"):
        refused.then()
    with pytest.raises(AssertionError):
        refused.then_refused(NotYours)


def test_a_fold_gets_what_it_asked_for_and_no_more() -> None:
    given_ids: list[list[str]] = []

    def fold(documents: Documents, recorded: PublishedEvent[Any]) -> Changes:
        given_ids.append(sorted(ref.id for ref in documents))
        pair = Ref("pairs", recorded.event.word)
        return {Ref("words", recorded.stream): {"_id": recorded.stream}, pair: {"_id": pair.id, "of": recorded.stream}}

    asking = projection(fold, needs=lambda recorded: (Lookup("pairs", "of", "word-1"), Ref("pairs", "z")))
    Seen(asking, "word-1", Said(word="a"), Said(word="b")).also("word-2", Said(word="z")).also("word-2", Said(word="q"))
    assert given_ids == [[], ["a", "word-1"], ["a", "b"], ["a", "b", "word-2", "z"]]
    given_ids.clear()
    Seen(projection(fold), "word-1", Said(word="a"), Said(word="b"))
    assert given_ids == [[], ["word-1"]]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda documents, ref: documents[ref].update(text="!") or {}, "in place"),
        (lambda documents, ref: {ref: {**documents[ref], "version": 2}}, "version is the projector's"),
        (lambda documents, ref: {ref: None}, "never deleted"),
        (lambda documents, ref: {ref: {"_id": "other"}}, "has _id"),
        (lambda documents, ref: {Ref("elsewhere", "x"): {"_id": "x"}}, "in no collection"),
    ],
)
def test_what_no_fold_may_do_fails(change: Any, reason: str) -> None:
    def fold(documents: Documents, recorded: PublishedEvent[Any]) -> Changes:
        ref = Ref("words", recorded.stream)
        changes: Changes = {ref: {"_id": ref.id}} if recorded.version == 1 else change(documents, ref)
        return changes

    with pytest.raises(AssertionError, match=reason):
        Seen(projection(fold), "word-1", Said(), Said())


def test_until_tells_the_last_failure() -> None:
    def never() -> bool:
        raise AssertionError("still three")

    with pytest.raises(AssertionError, match="still three"):
        until(never, within=0.01, every=0.001)
