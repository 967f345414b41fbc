"""C10: every document equals the fold of the stored events, field by field; none is missing, none is extra, none is
parked; and no checkpoint stands beyond what Kafka has, or beyond what was applied.
"""

from __future__ import annotations

from typing import Any

from checker.folds import FOLDS, PRIMARY
from checker.notes import Notes
from checker.run import Run
from checker.spec import DOMAIN_OF, category_of

CHECKPOINTS, PARKED = "projector_checkpoints", "projector_parked_streams"


def check_documents(run: Run, notes: Notes) -> None:
    for category in {category_of(row.stream) for row in run.streams} - DOMAIN_OF.keys():
        notes.breach("C10", f"the checker has no fold for streams of the category {category}")
    for domain, fold in FOLDS.items():
        own = [event for event in run.events if DOMAIN_OF.get(category_of(event.stream)) == domain]
        try:
            wanted = fold(own)
        except KeyError as missing:
            notes.breach("C6", f"the events of {domain} cannot be folded: there is no {missing}")
            continue
        for collection, documents in wanted.items():
            _equal(collection, documents, run.documents.get(collection, {}), notes)
    for identifier, parked in run.documents.get(PARKED, {}).items():
        notes.breach("C10", f"{identifier} is parked", parked=parked)
    _checkpoints(run, notes)


def _equal(collection: str, wanted: dict[str, Any], found: dict[str, Any], notes: Notes) -> None:
    for identifier, document in wanted.items():
        notes.look("C10")
        other = found.get(identifier)
        if other is None:
            notes.breach("C10", f"{collection} {identifier} is missing", wanted=document)
        elif other != document:
            wrong = sorted(name for name in document.keys() | other.keys() if document.get(name) != other.get(name))
            notes.breach(
                "C10", f"{collection} {identifier} differs in {', '.join(wrong)}",
                fold={name: document.get(name) for name in wrong}, found={name: other.get(name) for name in wrong},
            )  # fmt: skip
    for identifier in found.keys() - wanted.keys():
        notes.breach("C10", f"{collection} {identifier} has no events", found=found[identifier])


def _checkpoints(run: Run, notes: Notes) -> None:
    ends = {(partition.topic, partition.partition): partition.end for partition in run.partitions}
    reached: dict[tuple[str, int], int] = {}
    for identifier, checkpoint in run.documents.get(CHECKPOINTS, {}).items():
        notes.look("C10")
        _, topic, partition = identifier.split("/")
        reached[topic, int(partition)] = checkpoint["next"]
        end = ends.get((topic, int(partition)))
        if end is None or checkpoint["next"] > end:
            notes.breach("C10", f"the checkpoint {identifier} stands at {checkpoint['next']}, beyond the end {end}")
    versions = {
        stream: document.get("version", 0)
        for collection in set(PRIMARY.values())
        for stream, document in run.documents.get(collection, {}).items()
    }
    for record in run.records:
        if record.offset < reached.get((record.topic, record.partition), 0):
            notes.look("C10")
            if versions.get(record.stream, 0) < record.version:
                notes.breach(
                    "C10", f"the checkpoint has passed {record.stream}@{record.version}, which was not applied",
                    document=versions.get(record.stream, 0),
                )  # fmt: skip
