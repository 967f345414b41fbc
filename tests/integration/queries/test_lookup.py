"""Documents by id: all of those asked for, however large they are together."""

from __future__ import annotations

from app.queries.mongo import Mongo
from kernel.settings import Settings
from tests.integration.queries.world import World


async def test_more_than_fits_into_one_answer_is_found_whole(world: World, settings: Settings) -> None:
    ids = [f"post-{number}" for number in range(40)]
    world.database["posts"].insert_many({"_id": each, "text": "x" * 700_000} for each in ids)  # 28 MB; an answer has 16
    mongo = Mongo(settings)
    try:
        found = await mongo.find_by_ids("posts", [*ids, "post-unknown"], {"text": 1})
    finally:
        await mongo.close()
    assert sorted(found) == sorted(ids)
    assert {len(document["text"]) for document in found.values()} == {700_000}
