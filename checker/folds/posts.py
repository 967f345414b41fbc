"""The documents of posts: one a post with its latest comments, one a comment, one a like. Deleted ones stay, marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from checker.published import six_digits
from checker.stored import Event

PRIMARY = {"post": "posts"}
LATEST = 50

Document = dict[str, Any]


def fold_posts(events: Iterable[Event]) -> dict[str, dict[str, Document]]:
    """From the events of posts, in version order within each stream. Raises KeyError where history allows no fold."""
    posts: dict[str, Document] = {}
    comments: dict[str, Document] = {}
    likes: dict[str, Document] = {}
    live: Counter[str] = Counter()
    liked: Counter[str] = Counter()
    for event in events:
        stream, data = event.stream, event.data
        if event.type == "PostCreated":
            posts[stream] = _post(stream, data)
        post = posts[stream]
        post["version"] = event.version
        comment_id = f"{stream}/{data.get('commentId')}"
        match event.type:
            case "MessageUpdated":
                post.update(message=data["message"], edited=True)
            case "PostLiked":
                likes[f"{stream}/{data['by']}"] = {"_id": f"{stream}/{data['by']}", "postId": post["postId"]}
                liked[stream] += 1
            case "PostUnliked":
                del likes[f"{stream}/{data['by']}"]
                liked[stream] -= 1
            case "CommentAdded":
                comments[comment_id] = _comment(comment_id, post["postId"], event)
                live[stream] += 1
                # a comment that fell off the end does not come back when a later one is removed
                post["latestComments"] = [data["commentId"], *post["latestComments"][: LATEST - 1]]
            case "CommentUpdated":
                changed = {"comment": data["comment"], "edited": True, "editDate": six_digits(data["editDate"])}
                comments[comment_id].update(changed)
            case "CommentRemoved":
                comments[comment_id]["deleted"] = True
                live[stream] -= 1
                post["latestComments"] = [each for each in post["latestComments"] if each != data["commentId"]]
            case "PostRemoved":
                post["deleted"] = True
    for stream, post in posts.items():
        count = liked[stream]
        post.update(likes=count, likesTier=len(bin(count)) - 2 if count else 0)
        post.update(commentCount=live[stream], hasComments=live[stream] > 0)
    return {"posts": posts, "comments": comments, "likes": likes}


def _post(stream: str, data: Document) -> Document:
    name = str(data["author"]).casefold()
    return {
        "_id": stream, "postId": stream.partition("-")[2], "author": data["author"], "message": data["message"],
        "authorLower": name,
        "authorTrigrams": sorted({"".join(three) for three in zip(name, name[1:], name[2:], strict=False)}),
        "datePosted": six_digits(data["datePosted"]), "edited": False, "deleted": False, "latestComments": [],
    }  # fmt: skip


def _comment(identifier: str, post_id: str, event: Event) -> Document:
    data = event.data
    return {
        "_id": identifier, "postId": post_id, "commentId": data["commentId"], "username": data["username"],
        "comment": data["comment"], "commentDate": six_digits(data["commentDate"]), "edited": False, "deleted": False,
        "addedVersion": event.version,
    }  # fmt: skip
