"""C6 for posts: their rules hold at every prefix of the log, whoever raced whom."""

from __future__ import annotations

from checker.notes import Notes
from checker.run import Run
from checker.spec import category_of
from checker.stored import Event


def check_posts(run: Run, notes: Notes) -> None:
    _Posts(notes).walk([event for event in run.events if category_of(event.stream) == "post"])


class _Posts:
    """Only its author changes a post, only its writer a comment; one likes once; nothing happens to what is gone."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def walk(self, events: list[Event]) -> None:
        stream = ""
        for event in events:
            self._notes.look("C6")
            if event.stream != stream:
                stream = event.stream
                self._author: str | None = None
                self._removed = False
                self._liking: set[str] = set()
                self._writers: dict[str, str] = {}
                self._gone: set[str] = set()
            self._one(event)

    def _one(self, event: Event) -> None:
        data, by = event.data, str(event.metadata.get("principal"))
        if event.type == "PostCreated":
            if self._author is not None:
                self._broken(event, "a post is created once")
            self._author = str(data["author"])
            if by != self._author:
                self._broken(event, "nobody writes in another's name")
            return
        if self._author is None or self._removed:
            self._broken(event, "nothing happens to a post that is not there")
            return
        comment = str(data.get("commentId"))
        match event.type:
            case "MessageUpdated" | "PostRemoved":
                if by != self._author:
                    self._broken(event, "only its author changes a post")
                self._removed = event.type == "PostRemoved"
            case "PostLiked":
                if data["by"] != by or by in self._liking:
                    self._broken(event, "a person likes a post once, for themselves")
                self._liking.add(by)
            case "PostUnliked":
                if data["by"] != by or by not in self._liking:
                    self._broken(event, "only a like that was given is taken back")
                self._liking.discard(by)
            case "CommentAdded":
                if comment in self._writers:
                    self._broken(event, "a comment is added once")
                self._writers[comment] = by
            case "CommentUpdated" | "CommentRemoved":
                if self._writers.get(comment) != by:
                    self._broken(event, "only its writer changes a comment")
                if comment in self._gone:
                    self._broken(event, "nothing happens to a comment that is gone")
                if event.type == "CommentRemoved":
                    self._gone.add(comment)
            case other:
                self._broken(event, f"posts know no {other}")

    def _broken(self, event: Event, rule: str) -> None:
        self._notes.breach("C6", f"{event.stream}@{event.version} {event.type}: {rule}", data=event.data)
