"""Ways to break a good world, each with the checks that must see it: and no other may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from checker.stored import Answered, Event, LaneRow, StreamRow
from tests.unit.checker.world import World

Break = Callable[[World], None]
replace = msgspec.structs.replace
BREAKS: list[tuple[str, Break]] = []


def seen_by(*checks: str) -> Callable[[Break], Break]:
    def remember(broken: Break) -> Break:
        BREAKS.append((" ".join(checks), broken))
        return broken

    return remember


def forget(world: World, number: int) -> Event:
    """The event of that place vanishes from the store, as if it had never been; all that follows agrees."""
    return world.events.pop(number)


@seen_by("C1", "C11")
def acknowledged_and_lost(world: World) -> None:
    forget(world, -1)


@seen_by("C1")
def a_lost_update(world: World) -> None:
    """Acknowledged at a version that another's event holds."""
    asked = world.ask("edit-post", world.post(1), "ann", message="mine")
    world.answered.append(Answered("ann", asked.key, '{"status":200,"headers":{},"body":{}}'))
    world.tell(asked, "200", versions={world.post(1): 8})


@seen_by("C1")
def acknowledged_at_a_version_that_is_not_there(world: World) -> None:
    asked = world.ask("like", world.post(1), "carl")
    world.answered.append(Answered("carl", asked.key, '{"status":200,"headers":{},"body":{}}'))
    world.tell(asked, "200", versions={world.post(1): 99})


@seen_by("C1")
def acknowledged_and_not_remembered(world: World) -> None:
    world.answered.pop(0)


@seen_by("C1", "C3", "C6")
def stored_twice_under_one_command(world: World) -> None:
    """A blind retry after a lost COMMIT, in the same attempt's name."""
    world.store(world.rows[0])
    world.answered.pop()


@seen_by("C1")
def stored_in_other_words(world: World) -> None:
    # an edit that nobody read at its version
    world.events[1].data["message"] = "other words"
    world.rows = [row for row in world.rows if row.seen.get("message") != "second"]
    ends = {row.index for row in world.rows if row.type != "invoke"}
    world.rows = [row for row in world.rows if row.index in ends or row.f != "read"]


@seen_by("C1")
def stored_elsewhere_than_was_said(world: World) -> None:
    """A lost update: it says version 3, and that is another's."""
    row = next(row for row in world.rows if row.type == "ok" and row.index == 3)
    row.versions = {stream: version - 1 for stream, version in row.versions.items()}


@seen_by("C1")
def stored_under_anothers_name(world: World) -> None:
    world.do("comment", world.post(1), "ann", id="c7", comment="mine")
    world.events[-1].metadata["principal"] = "eve"


@seen_by("C1")
def a_command_nobody_specified(world: World) -> None:
    asked = world.ask("teleport", world.post(1), "ann")
    world.answered.append(Answered("ann", asked.key, '{"status":200,"headers":{},"body":{}}'))
    world.tell(asked, "200", versions={world.post(1): 8})


@seen_by("C2")
def refused_and_stored(world: World) -> None:
    asked = world.ask("comment", world.post(1), "ann", id="c9", comment="no")
    world.store(asked)
    world.answered.pop()
    world.tell(asked, "422 bad-text")


@seen_by("C2")
def refused_and_remembered(world: World) -> None:
    asked = world.ask("comment", world.post(1), "ann", id="c9", comment="no")
    world.tell(asked, "422 bad-text")
    world.answered.append(Answered("ann", asked.key, '{"status":201,"headers":{},"body":{}}'))


@seen_by("C2")
def nobody_asked(world: World) -> None:
    asked = world.ask("like", world.post(1), "zoe")
    world.store(asked)
    world.rows.remove(asked)


@seen_by("C2")
def in_doubt_and_stored_twice(world: World) -> None:
    asked = world.ask("edit-post", world.post(1), "ann", message="again")
    world.store(asked)
    world.store(asked)
    world.answered.pop()


@seen_by("C3", "C5", "C6", "C7", "C9")
def a_version_is_missing(world: World) -> None:
    world.edits["events"] = lambda events: events.pop(2)


@seen_by("C3", "C5", "C7", "C8")
def an_event_id_twice(world: World) -> None:
    world.events[-1] = replace(world.events[-1], event_id=world.events[0].event_id)


@seen_by("C3")
def positions_turned_round(world: World) -> None:
    first, second = world.events[2], world.events[3]
    world.events[2:4] = [replace(first, position=second.position), replace(second, position=first.position)]


@seen_by("C3")
def the_stream_row_lags(world: World) -> None:
    world.edits["streams"] = lambda rows: rows.__setitem__(0, replace(rows[0], version=2))


@seen_by("C3")
def the_order_clients_saw_is_not_that_of_versions(world: World) -> None:
    """Answered at version 8, and what began afterwards stands at 8 too: it was decided on an old state."""
    asked = world.ask("like", world.post(1), "carl")
    world.answered.append(Answered("carl", asked.key, '{"status":200,"headers":{},"body":{}}'))
    world.tell(asked, "200", versions={world.post(1): 4})


@seen_by("C1", "C4", "C6")
def one_key_two_effects(world: World) -> None:
    """Idempotency outside the transaction."""
    asked = world.ask("create-post", world.rows[0].stream, "ann", key="key-1", message="first")
    event = world.store(asked)
    world.answered.pop()
    world.tell(asked, "201", event=event)


@seen_by("C4")
def one_key_two_answers(world: World) -> None:
    asked = world.ask("create-post", world.post(1), "ann", key="key-1", message="first")
    world.tell(asked, "201", event=world.events[0], answers=["another digest"])


@seen_by("C4")
def an_answer_that_is_not_the_stored_one(world: World) -> None:
    world.answered[0] = Answered("ann", "key-1", '{"status":201,"headers":{},"body":{"id":"other"}}')


@seen_by("C4")
def one_key_two_requests(world: World) -> None:
    asked = world.ask("create-post", world.post(1), "ann", key="key-1", message="something else")
    world.tell(asked, "201", event=world.events[0])


@seen_by("C1", "C3", "C4")
def anothers_answer(world: World) -> None:
    """A key looked up without its principal."""
    asked = world.ask("create-post", "", "eve", key="key-1", message="first")
    world.tell(asked, "201", event=world.events[0])


@seen_by("C5")
def stored_and_not_published(world: World) -> None:
    """The last of its stream: a cursor that went past a commit that came late."""
    world.edits["records"] = lambda records: records.pop()


@seen_by("C5", "C7")
def skipped_in_the_middle(world: World) -> None:
    world.edits["records"] = lambda records: records.pop(3)


@seen_by("C5")
def published_and_not_stored(world: World) -> None:
    def phantom(records: list[Any]) -> None:
        records.append(replace(records[0], offset=999, headers={**records[0].headers, "ce_id": "nobody"}))

    world.edits["records"] = phantom


@seen_by("C5")
def published_in_other_words(world: World) -> None:
    world.edits["records"] = lambda records: records.__setitem__(0, replace(records[0], value=msgspec.Raw(b"{}")))


@seen_by("C7")
def out_of_order_in_kafka(world: World) -> None:
    def turn(records: list[Any]) -> None:
        first, second = (number for number, record in enumerate(records) if record.version in (5, 6))
        one, two = records[first], records[second]
        records[first], records[second] = replace(one, offset=two.offset), replace(two, offset=one.offset)

    world.edits["records"] = turn


@seen_by("C7")
def a_key_in_two_partitions(world: World) -> None:
    world.edits["records"] = lambda records: records.__setitem__(
        -1, replace(records[-1], partition=(records[-1].partition + 1) % 3, offset=2_000)
    )


@seen_by("C7")
def a_key_where_nobody_looks(world: World) -> None:
    def move(records: list[Any]) -> None:
        key = records[0].key
        records[:] = [
            replace(record, partition=(record.partition + 1) % 3) if record.key == key else record for record in records
        ]

    world.edits["records"] = move


@seen_by("C8")
def published_twice(world: World) -> None:
    """Marked published before the broker's word, or a cursor outside the transaction."""
    world.edits["records"] = lambda records: records.append(replace(records[0], offset=999))


@seen_by("C6", "C12")
def liked_twice(world: World) -> None:
    world.do("like", world.post(1), "carl")
    world.do("like", world.post(1), "carl")


@seen_by("C6")
def written_in_anothers_name(world: World) -> None:
    world.do("create-post", world.post(5), "ann", message="by bob, it says")
    world.events[-1].data["author"] = "bob"


@seen_by("C11")
def a_listener_who_heard_of_nothing_stored(world: World) -> None:
    asked = world.ask("hear", "", "ear", process=950)
    asked.key = ""
    world.tell(asked, "200", versions={world.post(1): 99}, answers=[])


@seen_by("C6")
def a_comment_changed_by_another(world: World) -> None:
    world.do("edit-comment", world.post(1), "eve", id="c2", comment="mine")


@seen_by("C6")
def a_comment_changed_that_is_gone(world: World) -> None:
    world.do("edit-comment", world.post(1), "bob", id="c1", comment="back")


@seen_by("C6", "C12")
def a_comment_added_twice(world: World) -> None:
    world.do("comment", world.post(1), "ann", id="c2", comment="thanks")


@seen_by("C6")
def changed_by_another(world: World) -> None:
    world.do("edit-post", world.post(1), "eve", message="mine now")


@seen_by("C6")
def changed_after_it_was_removed(world: World) -> None:
    world.do("edit-post", world.post(2), "bob", message="still here")


@seen_by("C9")
def a_row_the_cursor_never_passed(world: World) -> None:
    world.edits["lanes"] = lambda lanes: lanes.__setitem__(0, replace(lanes[0], passed="3:1000:3"))


@seen_by("C9")
def moved_by_a_former_owner(world: World) -> None:
    def twice(lanes: list[LaneRow]) -> None:
        lanes.append(replace(lanes[0], position=lanes[0].position - 1, epoch=lanes[0].epoch))

    world.edits["lanes"] = twice


@seen_by("C9")
def two_owners_of_one_epoch(world: World) -> None:
    world.edits["lanes"] = lambda lanes: lanes.extend(
        [replace(lanes[0], epoch=2, owner="r"), replace(lanes[0], epoch=2, owner="s"), replace(lanes[0], epoch=2)]
    )


@seen_by("C10", "C12")
def a_like_counted_twice(world: World) -> None:
    """A projection that adds without looking at versions."""
    world.edits["documents"] = lambda documents: documents["posts"][world.post(1)].update(likes=2)


@seen_by("C10", "C12")
def a_document_is_missing(world: World) -> None:
    world.edits["documents"] = lambda documents: documents["comments"].popitem()


@seen_by("C10")
def a_document_too_many(world: World) -> None:
    world.edits["documents"] = lambda documents: documents["likes"].update({"x": {"_id": "x", "postId": "nobody's"}})


@seen_by("C10")
def an_event_was_parked(world: World) -> None:
    world.edits["documents"] = lambda documents: documents.update(
        projector_parked_streams={"x": {"_id": "posts/post-1"}}
    )


@seen_by("C10")
def a_checkpoint_beyond_the_end(world: World) -> None:
    world.edits["documents"] = lambda documents: documents["projector_checkpoints"]["0"].update(next=1_001)


@seen_by("C10")
def a_checkpoint_beyond_what_was_applied(world: World) -> None:
    """The offset was committed first, and the process died: the last event of the post never came."""
    world.edits["documents"] = lambda documents: documents["posts"][world.post(2)].update(version=1, deleted=False)


@seen_by("C11")
def a_read_behind_its_token(world: World) -> None:
    world.read(world.post(1), 7, "edited", token=8)


@seen_by("C11")
def a_reader_goes_back(world: World) -> None:
    world.read(world.post(1), 1, "first", process=900)


@seen_by("C11")
def shown_what_is_not_stored(world: World) -> None:
    world.read(world.post(1), 99, "edited")


@seen_by("C11")
def shown_other_words(world: World) -> None:
    world.read(world.post(1), 8, "first")


@seen_by("C11")
def told_there_is_none(world: World) -> None:
    world.read(world.post(1), 0, "", token=1, status="404 not-found")


@seen_by("C11")
def a_listener_who_did_not_hear(world: World) -> None:
    asked = world.ask("hear", "", "ear", process=950)
    asked.key = ""
    world.tell(asked, "200", versions={world.post(1): 1}, answers=[])
    world.do("like", world.post(1), "carl")


@seen_by("C10", "C12")
def a_balance_that_its_lines_do_not_add_up_to(world: World) -> None:
    account = {"_id": "account-a", "accountId": "a", "balance": 7}
    line = {"_id": "account-a/2", "accountId": "a", "kind": "deposit", "amount": 8}
    world.edits["documents"] = lambda documents: documents.update(
        accounts={"account-a": account}, account_entries={"account-a/2": line}
    )


@seen_by("C3", "C10")
def streams_of_a_kind_nobody_knows(world: World) -> None:
    world.edits["streams"] = lambda rows: rows.append(StreamRow("widget-1", 1))


@seen_by("C12")
def a_list_that_lacks_one(world: World) -> None:
    asked = world.ask("list", "", "reader", likes=0)
    asked.key = ""
    world.tell(asked, "200", seen={"ids": []}, answers=[])


@seen_by("C12")
def a_list_that_was_read_in_part_and_begins_wrongly(world: World) -> None:
    asked = world.ask("list", "", "reader", likes=0)
    asked.key = ""
    world.tell(asked, "200", seen={"ids": ["nobody's"], "more": True}, answers=[])


@seen_by("C13")
def an_answer_nobody_documented(world: World) -> None:
    world.tell(world.ask("like", world.post(1), "carl"), "500 internal-error")


@seen_by("C13")
def a_refusal_without_a_type(world: World) -> None:
    world.tell(world.ask("like", world.post(1), "carl"), "404 ?")


@seen_by("C13")
def an_answer_that_shows_code(world: World) -> None:
    world.tell(world.ask("like", world.post(1), "carl"), "503 outcome-unknown", body='File "/app/x.py", line 1')
