"""C12: counters equal a recount of the documents they count, and lists that were read at rest hold exactly what they
should, newest first.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from checker.notes import Notes
from checker.run import Run

CAME = frozenset({"deposit", "transfer-in"})


def check_counts(run: Run, notes: Notes) -> None:
    _posts(run, notes)
    balances: Counter[str] = Counter()
    for line in run.documents.get("account_entries", {}).values():
        balances[line["accountId"]] += line["amount"] if line["kind"] in CAME else -line["amount"]
    for stream, account in run.documents.get("accounts", {}).items():
        notes.look("C12")
        if account.get("balance") != balances[account["accountId"]]:
            notes.breach("C12", f"{stream} says {account.get('balance')}, its lines {balances[account['accountId']]}")


def _posts(run: Run, notes: Notes) -> None:
    posts = run.documents.get("posts", {})
    likes = Counter(like["postId"] for like in run.documents.get("likes", {}).values())
    comments = Counter(
        comment["postId"] for comment in run.documents.get("comments", {}).values() if not comment["deleted"]
    )
    for stream, post in posts.items():
        notes.look("C12")
        counted = {"likes": likes[post["postId"]], "commentCount": comments[post["postId"]]}
        for name, count in counted.items():
            if post.get(name) != count:
                notes.breach("C12", f"{stream} says {name} {post.get(name)}, and there are {count}")
    for operation in run.operations:
        if operation.f == "list" and operation.outcome == "ok" and operation.end is not None:
            notes.look("C12")
            wanted = _listed(posts, operation.row.args)
            found = operation.end.seen.get("ids")
            if operation.end.seen.get("more"):  # it was read no further
                wanted = wanted[: len(found or [])]
            if found != wanted:
                missing, extra = set(wanted) - set(found or []), set(found or []) - set(wanted)
                notes.breach(
                    "C12",
                    f"the list {operation.row.args} is wrong",
                    missing=sorted(missing)[:5],
                    extra=sorted(extra)[:5],
                )


def _listed(posts: dict[str, dict[str, Any]], which: dict[str, Any]) -> list[str]:
    """The ids of a list, by what it says it holds, newest first."""
    live = [post for post in posts.values() if not post["deleted"]]
    if "likes" in which:
        live = [post for post in live if post["likes"] >= which["likes"]]
    if "author" in which:
        live = [post for post in live if which["author"].casefold() in post["author"].casefold()]
    if which.get("comments"):
        live = [post for post in live if post["commentCount"] > 0]
    live.sort(key=lambda post: (post["datePosted"], post["_id"]), reverse=True)
    return [str(post["postId"]) for post in live]
