"""What is written for a changed document: as little as says it, and never over a state that was not read."""

from __future__ import annotations

from kernel.projection import Document, Ref
from projector.documents import document_writes
from projector.writes import Delete, Insert, Put, Update, Write

POST, LIKE = Ref("posts", "post-1"), Ref("likes", "post-1/eve")
BEFORE: Document = {"_id": "post-1", "version": 3, "likes": 1, "message": "hello"}


def written(
    before: dict[Ref, Document | None], changes: dict[Ref, Document | None], insert: bool = False
) -> list[Write]:
    return [
        write
        for each in document_writes("posts", before, changes, Insert if insert else Put).values()
        for write in each
    ]


def test_only_changed_fields_travel_and_only_onto_the_version_that_was_read() -> None:
    after = {**BEFORE, "version": 4, "likes": 2}
    assert written({POST: BEFORE}, {POST: after}) == [
        Update({"_id": "post-1", "version": 3}, {"$set": {"version": 4, "likes": 2}})
    ]


def test_a_field_that_is_gone_is_unset() -> None:
    after = {"_id": "post-1", "version": 4, "likes": 1}
    assert written({POST: BEFORE}, {POST: after}) == [
        Update({"_id": "post-1", "version": 3}, {"$set": {"version": 4}, "$unset": {"message": ""}})
    ]


def test_a_field_whose_name_is_a_path_is_written_with_the_whole_document() -> None:
    after = {**BEFORE, "version": 4, "a.b": 1}
    assert written({POST: BEFORE}, {POST: after}) == [Put({"_id": "post-1", "version": 3}, after)]


def test_a_new_primary_document_is_inserted_never_put_over_another() -> None:
    for insert in (False, True):
        assert written({POST: None}, {POST: BEFORE}, insert) == [Insert(BEFORE)]


def test_a_document_that_was_not_read_is_inserted_or_put_as_asked() -> None:
    like = {"_id": LIKE.id}
    assert written({}, {LIKE: like}, insert=True) == [Insert(like)]
    assert written({}, {LIKE: like}) == [Put({"_id": LIKE.id}, like)]


def test_a_document_changed_to_none_is_deleted() -> None:
    assert written({}, {LIKE: None}) == [Delete(LIKE.id)]
