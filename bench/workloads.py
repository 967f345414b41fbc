"""What a load is made of: endless (or finite) requests, each with an Idempotency-Key nobody used before. Deterministic.

Post number n of a run belongs to token n modulo their count, and its id is derived from the run's name, so whoever
knows the run can name its posts without asking.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from bench.wire import request

Kind = Literal["posts", "known-posts", "mixed", "likes", "path", "lookups"]

MESSAGE = "A post of the usual length, as people write them: two sentences, a thought, and a link to what it is about. "
COMMENT = "A comment of the usual length, which agrees in part and then does not."
LIKES, COMMENTS = 0.5, 0.8
"""Shares of a mixed load, added up: half likes, then comments; edits are the rest."""
NEW_POSTS = 0.25
"""Of the load of the whole path."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """One workload. `run` is its name and makes its keys and ids; `posts` is how many posts it may name."""

    kind: Kind
    run: str
    tokens: list[str]
    posts: int = 0
    seed: int = 1


def post_id(run: str, number: int) -> UUID:
    return uuid5(NAMESPACE_URL, f"lockstep-bench/{run}/{number}")


def requests(work: Work) -> Iterator[bytes]:
    match work.kind:
        case "posts":
            return new_posts(work)
        case "known-posts":
            return known_posts(work)
        case "mixed":
            return mixed(work)
        case "likes":
            return likes_on_one(work)
        case "path":
            return whole_path(work)
        case "lookups":
            return lookups(work)


def new_posts(work: Work) -> Iterator[bytes]:
    """New posts, for ever. The head is made once a token: what changes is the key and a number in the text."""
    body = b'{"message":"' + MESSAGE.encode() + b'%010d"}'
    heads = []
    for token in work.tokens:
        made = request("POST", "/api/v1/posts", token, f"{work.run}-%010d", body % 0)
        heads.append(made[: made.index(b"\r\n\r\n") + 4] + body)
    number = 0
    while True:
        yield heads[number % len(heads)] % (number, number)
        number += 1


def known_posts(work: Work) -> Iterator[bytes]:
    """The run's own posts, each once, under the ids that `post_id` tells."""
    for number in range(work.posts):
        body = msgspec.json.encode({"id": post_id(work.run, number), "message": f"{MESSAGE}{number:010d}"})
        yield request("POST", "/api/v1/posts", _author(work, number), f"{work.run}-post-{number}", body)


def mixed(work: Work) -> Iterator[bytes]:
    """Likes, comments and edits on the run's posts, Zipf: the first post gets most. A liker likes a post once."""
    chance = random.Random(work.seed)
    ids = [str(post_id(work.run, number)) for number in range(work.posts)]
    weights = [1 / rank for rank in range(1, work.posts + 1)]
    likers = [0] * work.posts
    number = 0
    while True:
        for post in chance.choices(range(work.posts), weights, k=1_000):
            number += 1
            key = f"{work.run}-mixed-{number}"
            kind = chance.random()
            if kind < LIKES and likers[post] < len(work.tokens):
                token = work.tokens[likers[post]]
                likers[post] += 1
                yield request("PUT", f"/api/v1/posts/like/{ids[post]}", token, key)
            elif kind < COMMENTS:
                body = b'{"comment":"%s %d"}' % (COMMENT.encode(), number)
                yield request("POST", f"/api/v1/posts/{ids[post]}/comments", chance.choice(work.tokens), key, body)
            else:
                body = b'{"message":"%s%010d"}' % (MESSAGE.encode(), number)
                yield request("PUT", f"/api/v1/posts/{ids[post]}", _author(work, post), key, body)


def likes_on_one(work: Work) -> Iterator[bytes]:
    """Every token likes the run's first post, once."""
    path = f"/api/v1/posts/like/{post_id(work.run, 0)}"
    for number, token in enumerate(work.tokens):
        yield request("PUT", path, token, f"{work.run}-like-{number}")


def whole_path(work: Work) -> Iterator[bytes]:
    """New posts and a mixed load on those there are."""
    chance, posts, changes = random.Random(work.seed + 1), new_posts(work), mixed(work)
    while True:
        yield next(posts) if chance.random() < NEW_POSTS else next(changes)


def lookups(work: Work) -> Iterator[bytes]:
    """Reads of the run's posts, each as likely as any other."""
    chance = random.Random(work.seed)
    made = [
        request("GET", f"/api/v1/posts/{post_id(work.run, number)}", _author(work, number))
        for number in range(work.posts)
    ]
    while True:
        yield chance.choice(made)


def subjects(count: int, kind: str = "person") -> Sequence[str]:
    """The people of a load, by number."""
    return [f"{kind}-{number:06d}" for number in range(count)]


def _author(work: Work, number: int) -> str:
    return work.tokens[number % len(work.tokens)]
