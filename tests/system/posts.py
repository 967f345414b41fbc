"""What the documents of posts must be, folded from stored events once more: written from the specification, sharing no
line with the projection it checks, so that one's mistake is not the other's.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

Document = dict[str, Any]
Collections = dict[str, dict[str, Document]]
Happened = tuple[str, int, str, dict[str, Any], datetime]
"""(stream, version, type, data, when it happened), in version order per stream"""


def fold_posts(history: Iterable[Happened]) -> Collections:
    """Collection → id → document."""
    posts: dict[str, Document] = {}
    comments: dict[str, Document] = {}
    likes: dict[str, Document] = {}
    for stream, version, kind, data, _ in history:
        post_id = stream[len("post-") :]
        if kind == "PostCreated":
            posts[stream] = {
                "_id": stream, "postId": post_id, "author": data["author"], "message": data["message"],
                "datePosted": six_digits(data["datePosted"]), "edited": False, "deleted": False,
                "latestComments": [],
            }  # fmt: skip
        post = posts[stream]
        post["version"] = version
        comment_id = f"{stream}/{data.get('commentId')}"
        if kind == "MessageUpdated":
            post.update(message=data["message"], edited=True)
        elif kind == "PostLiked":
            assert f"{stream}/{data['by']}" not in likes, f"{data['by']} likes {stream} twice"
            likes[f"{stream}/{data['by']}"] = {"_id": f"{stream}/{data['by']}", "postId": post_id}
        elif kind == "PostUnliked":
            del likes[f"{stream}/{data['by']}"]
        elif kind == "CommentAdded":
            comments[comment_id] = {
                "_id": comment_id, "postId": post_id, "commentId": data["commentId"], "username": data["username"],
                "comment": data["comment"], "commentDate": six_digits(data["commentDate"]), "edited": False,
                "deleted": False, "addedVersion": version,
            }  # fmt: skip
            # a comment that fell off the end does not come back when a later one is removed
            post["latestComments"] = [data["commentId"], *post["latestComments"][:49]]
        elif kind == "CommentUpdated":
            changed = {"comment": data["comment"], "edited": True, "editDate": six_digits(data["editDate"])}
            comments[comment_id].update(changed)
        elif kind == "CommentRemoved":
            comments[comment_id]["deleted"] = True
            post["latestComments"] = [each for each in post["latestComments"] if each != data["commentId"]]
        elif kind == "PostRemoved":
            post["deleted"] = True
    for stream, post in posts.items():
        post |= _derived(stream, post, comments, likes)
    return {"posts": posts, "comments": comments, "likes": likes}


def six_digits(moment: str) -> str:
    """The moment in UTC with microseconds, as documents write it."""
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _derived(stream: str, post: Document, comments: dict[str, Document], likes: dict[str, Document]) -> Document:
    """What searches and lists stand on, counted from scratch."""
    live = sum(each["postId"] == post["postId"] and not each["deleted"] for each in comments.values())
    name = post["author"].casefold()
    count = sum(like["postId"] == post["postId"] for like in likes.values())
    return {
        "authorLower": name,
        "authorTrigrams": sorted({"".join(three) for three in zip(name, name[1:], name[2:], strict=False)}),
        "likes": count,
        "likesTier": len(bin(count)) - 2 if count else 0,
        "commentCount": live,
        "hasComments": live > 0,
    }


def published_post(stream: str, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """What is published of a stored event."""
    return {**data, "postId": stream[len("post-") :]}
