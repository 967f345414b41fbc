"""The projection of posts: given a story, the documents readers see. Written as given, then."""

from __future__ import annotations

import pytest

from domains.posts import published as p
from domains.posts.views import LATEST_COMMENTS, POSTS, likes_tier, trigrams
from kernel.events import Published
from kernel.projection import Document
from lockstep_testing.projections import Seen

ID = "0190aaaa-0000-7000-8000-000000000001"
STREAM = f"post-{ID}"
CREATED = p.PostCreatedV1(post_id=ID, author="Ada Lovelace", message="hello", date_posted="2026-01-02T03:04:05.000006Z")


def liked(by: str) -> Published:
    return p.PostLikedV1(post_id=ID, by=by)


def commented(number: int) -> Published:
    moment = f"2026-01-02T04:00:00.{number:06}Z"
    return p.CommentAddedV1(
        post_id=ID, comment_id=f"c{number}", comment="well said", username="bob", comment_date=moment
    )


def removed(number: int) -> Published:
    return p.CommentRemovedV1(post_id=ID, comment_id=f"c{number}", username="bob")


class Told(Seen):
    """The documents after a story of one post."""

    def __init__(self, *story: Published) -> None:
        super().__init__(POSTS, STREAM, *story)

    @property
    def post(self) -> Document:
        return self.primary

    def comment(self, number: int) -> Document:
        return self.document("comments", f"{STREAM}/c{number}")

    def likers(self) -> set[str]:
        return {like["_id"].partition("/")[2] for like in self.all("likes")}


def given(*story: Published) -> Told:
    return Told(CREATED, *story)


def test_a_new_post_is_seen_with_its_author_text_and_nothing_else() -> None:
    assert given().post == {
        "_id": STREAM,
        "postId": ID,
        "author": "Ada Lovelace",
        "authorLower": "ada lovelace",
        "authorTrigrams": trigrams("Ada Lovelace"),
        "datePosted": "2026-01-02T03:04:05.000006Z",
        "message": "hello",
        "edited": False,
        "deleted": False,
        "likes": 0,
        "likesTier": 0,
        "commentCount": 0,
        "hasComments": False,
        "latestComments": [],
    }


def test_an_edited_post_shows_its_new_text_and_that_it_was_edited() -> None:
    post = given(p.MessageUpdatedV1(post_id=ID, message="better")).post
    assert (post["message"], post["edited"]) == ("better", True)


def test_likes_are_counted_and_each_liker_is_a_document_of_its_own() -> None:
    seen = given(liked("eve"), liked("bob"), p.PostUnlikedV1(post_id=ID, by="eve"))
    assert (seen.post["likes"], seen.likers()) == (1, {"bob"})


def test_a_comment_is_seen_under_its_post_with_the_version_that_brought_it() -> None:
    seen = given(liked("eve"), commented(1))
    assert (seen.post["commentCount"], seen.post["hasComments"], seen.post["latestComments"]) == (1, True, ["c1"])
    assert seen.comment(1) == {
        "_id": f"{STREAM}/c1",
        "postId": ID,
        "commentId": "c1",
        "username": "bob",
        "comment": "well said",
        "commentDate": "2026-01-02T04:00:00.000001Z",
        "edited": False,
        "deleted": False,
        "addedVersion": 3,
    }


def test_an_edited_comment_shows_its_new_text_and_keeps_its_place() -> None:
    edit = p.CommentUpdatedV1(post_id=ID, comment_id="c1", comment="!", username="bob", edit_date="2026-01-03")
    seen = given(commented(1), commented(2), edit)
    assert (seen.comment(1)["comment"], seen.comment(1)["edited"], seen.comment(1)["editDate"]) == (
        "!",
        True,
        "2026-01-03",
    )
    assert seen.post["latestComments"] == ["c2", "c1"]


def test_the_post_names_its_latest_fifty_comments_newest_first_however_many_there_are() -> None:
    post = given(*(commented(number) for number in range(1, 61))).post
    assert post["commentCount"] == 60
    assert post["latestComments"] == [f"c{number}" for number in range(60, 60 - LATEST_COMMENTS, -1)]


def test_after_a_removal_the_named_comments_are_still_the_newest_of_the_live_ones() -> None:
    many = [commented(number) for number in range(1, 61)]
    seen = given(*many, removed(60), removed(30), commented(61))
    assert seen.post["commentCount"] == 59
    assert seen.post["latestComments"] == ["c61", *(f"c{n}" for n in range(59, 10, -1) if n != 30)]
    assert seen.comment(30)["deleted"]


def test_removing_the_last_comment_leaves_a_post_without_comments() -> None:
    post = given(commented(1), removed(1)).post
    assert (post["commentCount"], post["hasComments"], post["latestComments"]) == (0, False, [])


def test_a_removed_post_stays_as_a_tombstone() -> None:
    seen = given(liked("eve"), p.PostRemovedV1(post_id=ID, username="Ada Lovelace"))
    assert seen.post["deleted"]
    assert seen.post["likes"] == 1


def test_the_fold_of_a_post_that_was_never_created_is_refused() -> None:
    with pytest.raises(KeyError):
        Told(liked("eve"))


def test_an_edit_of_a_comment_that_is_not_there_is_refused() -> None:
    with pytest.raises(KeyError):
        given(removed(7))


@pytest.mark.parametrize("part", ["ada", "love", "a l", "ADA LOVELACE"])
def test_a_part_of_a_name_is_found_by_its_trigrams(part: str) -> None:
    assert set(trigrams(part)) <= set(trigrams("Ada Lovelace"))


@pytest.mark.parametrize("least", [1, 2, 3, 4, 7, 8, 100])
def test_at_least_n_likes_is_a_range_of_tiers(least: int) -> None:
    assert all((likes_tier(likes) >= likes_tier(least)) for likes in range(least, 300))


def test_every_published_event_of_posts_has_a_fold() -> None:
    folded = {p.PostCreatedV1, p.MessageUpdatedV1, p.PostLikedV1, p.PostUnlikedV1}
    folded |= {p.CommentAddedV1, p.CommentUpdatedV1, p.CommentRemovedV1, p.PostRemovedV1}
    assert set(p.PUBLISHED_TYPES.values()) == folded
