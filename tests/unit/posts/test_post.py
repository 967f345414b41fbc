"""What each command leads to, and what refuses it."""

from __future__ import annotations

import pytest

from domains.posts.events import (
    CommentAdded,
    CommentRemoved,
    CommentUpdated,
    MessageUpdated,
    PostCreated,
    PostLiked,
    PostRemoved,
    PostUnliked,
)
from domains.posts.post import (
    TEXT_LIMIT,
    AddComment,
    AlreadyExists,
    BadText,
    CommentNotFound,
    CreatePost,
    LikePost,
    NotYours,
    PostCommand,
    PostNotFound,
    RemoveComment,
    RemovePost,
    UnlikePost,
    UpdateComment,
    UpdateMessage,
)
from kernel.aggregate import Claim, ClaimRefusal
from tests.unit.posts.given import NOW, POST_ID, given

CREATED = PostCreated(author="ann", message="first", date_posted=NOW)
REMOVED = PostRemoved(username="ann")


def test_a_post_is_created_once() -> None:
    given().when(CreatePost(author="ann", message="first")).then(CREATED)
    given(CREATED).when(CreatePost(author="ann", message="again")).then_refused(AlreadyExists)
    given(CREATED, REMOVED).when(CreatePost(author="ann", message="again")).then_refused(AlreadyExists)


def test_only_its_author_edits_and_removes_a_post() -> None:
    given(CREATED).when(UpdateMessage(by="ann", message="second")).then(MessageUpdated(message="second"))
    given(CREATED).when(UpdateMessage(by="bob", message="second")).then_refused(NotYours)
    given(CREATED).when(RemovePost(by="ann")).then(REMOVED)
    given(CREATED).when(RemovePost(by="bob")).then_refused(NotYours)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "x" * (TEXT_LIMIT + 1)])
def test_blank_and_endless_text_is_refused(text: str) -> None:
    given().when(CreatePost(author="ann", message=text)).then_refused(BadText)
    given(CREATED).when(UpdateMessage(by="ann", message=text)).then_refused(BadText)
    given(CREATED).when(AddComment(by="bob", comment_id="c", comment=text)).then_refused(BadText)
    given(CREATED).when(UpdateComment(by="bob", comment_id="c", comment=text)).then_refused(BadText)


def test_the_longest_text_is_accepted() -> None:
    longest = "é" * TEXT_LIMIT
    given(CREATED).when(UpdateMessage(by="ann", message=longest)).then(MessageUpdated(message=longest))


def test_a_like_takes_the_claim_of_post_and_person_and_a_second_changes_nothing() -> None:
    decision = given(CREATED).when(LikePost(by="bob")).then(PostLiked(by="bob"))
    assert decision.claims == (Claim("take", "post-like", f"{POST_ID}/bob", "bob"),)
    assert decision.if_refused is None


def test_taking_a_like_back_releases_the_claim() -> None:
    decision = given(CREATED).when(UnlikePost(by="bob")).then(PostUnliked(by="bob"))
    assert decision.claims == (Claim("release", "post-like", f"{POST_ID}/bob", "bob"),)
    assert decision.if_refused is None


def test_a_comment_is_its_writers_by_a_claim() -> None:
    added = CommentAdded(comment_id="c", comment="hm", username="bob", comment_date=NOW)
    decision = given(CREATED).when(AddComment(by="bob", comment_id="c", comment="hm")).then(added)
    assert [claim.op for claim in decision.claims] == ["take"]
    updated = CommentUpdated(comment_id="c", comment="oh", username="bob", edit_date=NOW)
    decision = given(CREATED, added).when(UpdateComment(by="bob", comment_id="c", comment="oh")).then(updated)
    assert [claim.op for claim in decision.claims] == ["require"]
    removed = CommentRemoved(comment_id="c", username="bob")
    decision = given(CREATED, added).when(RemoveComment(by="bob", comment_id="c")).then(removed)
    assert [claim.op for claim in decision.claims] == ["release"]
    assert decision.if_refused is not None
    (claim,) = decision.claims
    kinds: tuple[ClaimRefusal, ...] = ("claim-taken", "claim-missing", "claim-foreign")
    errors = {kind: type(decision.if_refused(kind, claim)) for kind in kinds}
    assert errors == {"claim-taken": AlreadyExists, "claim-missing": CommentNotFound, "claim-foreign": NotYours}


COMMANDS: list[PostCommand] = [
    UpdateMessage(by="ann", message="m"),
    LikePost(by="ann"),
    UnlikePost(by="ann"),
    RemovePost(by="ann"),
    AddComment(by="ann", comment_id="c", comment="m"),
    UpdateComment(by="ann", comment_id="c", comment="m"),
    RemoveComment(by="ann", comment_id="c"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_nothing_happens_to_a_post_that_is_not_there(command: PostCommand) -> None:
    given().when(command).then_refused(PostNotFound)
    given(CREATED, REMOVED).when(command).then_refused(PostNotFound)
