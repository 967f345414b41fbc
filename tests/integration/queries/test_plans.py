"""Every list is walked along an index: what MongoDB looks at is bounded by the page, not by the number of posts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pymongo import MongoClient

from app.queries.documents import Documents
from app.queries.mongo import Document
from domains.posts import finders
from domains.posts.dtos import CommentList, PostList
from domains.posts.views import likes_tier, trigrams
from tests.integration.queries.conftest import Served
from tests.integration.queries.world import World

POSTS = 4_000


class Explained(Documents):
    """Documents whose pages also say how MongoDB found them."""

    def __init__(self, served: Served, world: World) -> None:
        super().__init__(served.queries.mongo)
        self._client: MongoClient[dict[str, Any]] = MongoClient(world.uri)
        self._name = world.name
        self.plans: list[dict[str, Any]] = []

    async def page(
        self, collection: str, where: Document, sort: Sequence[tuple[str, int]], limit: int
    ) -> list[Document]:
        find = {"find": collection, "filter": dict(where), "sort": dict(sort), "limit": limit}
        self.plans.append(self._client[self._name].command("explain", find, verbosity="executionStats"))
        return await super().page(collection, where, sort, limit)

    async def close(self) -> None:
        self._client.close()
        await super().close()


async def test_no_list_reads_more_than_its_page_or_sorts(world: World, served: Served) -> None:
    world.database["posts"].insert_many([_post(number) for number in range(POSTS)])
    world.database["comments"].insert_many(
        {"_id": f"post-1/{n}", "postId": "1", "commentId": str(n), "username": "u", "comment": "c", "commentDate": "d",
         "edited": False, "deleted": n % 10 == 0, "addedVersion": n}
        for n in range(POSTS)
    )  # fmt: skip
    documents = Explained(served, world)
    keys: dict[str, int] = {}
    finds: dict[str, Callable[[str | None], Awaitable[PostList | CommentList | None]]] = {
        "all": lambda cursor: finders.find_posts(documents, "ann", 20, cursor),
        "author": lambda cursor: finders.find_posts_by_author(documents, "thor 7", "ann", 20, cursor),
        "short author": lambda cursor: finders.find_posts_by_author(documents, "7", "ann", 20, cursor),
        "comments": lambda cursor: finders.find_posts_with_comments(documents, "ann", 20, cursor),
        "likes": lambda cursor: finders.find_posts_with_likes(documents, 60, "ann", 20, cursor),
        "of a post": lambda cursor: finders.find_comments(documents, "1", 20, cursor),
    }
    for name, find in finds.items():
        cursor: str | None = None
        examined = []
        for _ in range(4):
            found = await find(cursor)
            assert found is not None
            cursor = found.cursor
            stats = documents.plans[-1]["executionStats"]
            assert "COLLSCAN" not in str(documents.plans[-1]["queryPlanner"]["winningPlan"]), name
            assert "'SORT'" not in str(documents.plans[-1]["queryPlanner"]["winningPlan"]), name
            assert stats["nReturned"] == 21, name
            assert stats["totalDocsExamined"] <= 250, name
            examined.append(stats["totalKeysExamined"])
        keys[name] = max(examined)
    await documents.close()
    for name in ("all", "comments", "of a post"):
        assert keys[name] <= 25, keys
    # parts of names and numbers of likes within a tier are compared one by one, newest first
    assert max(keys.values()) <= 500, keys


def _post(number: int) -> dict[str, Any]:
    author, likes = f"author {number % 100}", number % 128
    return {
        "_id": f"post-{number}", "postId": str(number), "version": 1, "author": author, "authorLower": author,
        "authorTrigrams": trigrams(author), "datePosted": f"2026-01-01T{number:06}", "message": "m", "edited": False,
        "deleted": number % 50 == 0, "likes": likes, "likesTier": likes_tier(likes), "commentCount": 1,
        "hasComments": number % 2 == 0, "latestComments": ["x"],
    }  # fmt: skip
