"""`lockstep load` on a running system: the sample this project carries, bad rows, and going on where it ended."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from cli.submissions import read_submissions

pytestmark = pytest.mark.timeout(240)
SAMPLE = Path(__file__).parents[1] / "data" / "hacker_news_sample.csv"
SUPERSTORE = SAMPLE.with_name("superstore.csv")
LIKES = 600
HEAD = "id,title,url,num_points,num_comments,author,created_at\n"


def lockstep(*arguments: str) -> tuple[int, Any, str]:
    """(exit code, its JSON, its words)"""
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments, "-o", "json"], capture_output=True, text=True, check=False,
        env={**os.environ, "COLUMNS": "120"},
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout) if done.stdout.strip() else None, done.stderr


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The data folder of a running system that the sample was loaded into."""
    folder = str(tmp_path_factory.mktemp("load") / "data")
    code, _, words = lockstep("up", "--detach", "--data", folder)
    assert code == 0, words
    try:
        yield folder
    finally:
        lockstep("down", "--data", folder)


def await_readable(answer: httpx.Response, data: str) -> None:
    """What the answer tells of can be read."""
    api, bearer = lockstep("status", "--data", data)[1]["urls"]["api"], lockstep("token", "--data", data)[1]["token"]
    read = httpx.get(
        f"{api}/api/v1/posts/{answer.json()['id']}",
        headers={
            "Authorization": f"Bearer {bearer}",
            "Consistency-Token": answer.headers["Consistency-Token"],
            "Prefer": "wait=10",
        },
        timeout=15,
    )
    assert read.status_code == 200, read.text


def points(rows: int) -> int:
    with SAMPLE.open(encoding="utf-8", newline="") as lines:
        return sum(int(row["num_points"]) for row in list(csv.DictReader(lines))[:rows])


def test_real_rows_are_stored_and_read_back_and_loading_again_is_loading_once(data: str) -> None:
    code, first, words = lockstep("load", "hackernews", str(SAMPLE), "--likes", str(LIKES), "--data", data)
    assert code == 0, words
    assert (first["rows"], first["posts"], first["likes"], first["checked"]) == (200, 200, min(LIKES, points(200)), 200)
    assert first["wrong"] == first["refused"] == []
    code, again, words = lockstep("load", "hackernews", str(SAMPLE), "--likes", str(LIKES), "--data", data)
    assert code == 0, words
    assert (again["postsThereAlready"], again["likesThereAlready"]) == (200, first["likes"])


def test_what_the_api_refuses_is_listed_and_the_rest_is_stored(data: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(
        f"{HEAD}bad1,   ,,1,0,ann,x\nbad2,{'t' * 10_001},,1,0,ann,x\nbad3,t,,many,0,ann,x\ngood1,Ünïcode ✓,,2,0,ann,x\n"
    )
    code, found, _ = lockstep("load", "hackernews", str(file), "--data", data)
    assert code == 1
    assert (found["rows"], found["posts"], found["likes"], found["checked"]) == (4, 1, 2, 1)
    assert [one["row"] for one in found["refused"]] == [1, 2, 3]
    assert "blank" in found["refused"][0]["reason"]


def test_what_does_not_read_back_as_sent_is_told(data: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(f"{HEAD}mine1,the first text,,0,0,ann,x\n")
    assert lockstep("load", "hackernews", str(file), "--data", data)[0] == 0
    ((row,), _) = read_submissions(file, 0)
    edited = httpx.put(
        f"{lockstep('status', '--data', data)[1]['urls']['api']}/api/v1/posts/{row.post_id}",
        json={"message": "another text"},
        headers={"Authorization": f"Bearer {lockstep('token', '--subject', 'ann', '--data', data)[1]['token']}"},
    )
    assert edited.status_code == 200, edited.text
    await_readable(edited, data)
    code, found, _ = lockstep("load", "hackernews", str(file), "--data", data)
    assert code == 1
    assert [one["row"] for one in found["wrong"]] == [1]
    assert "another text" in found["wrong"][0]["reason"]


def test_a_key_that_belongs_to_another_text_is_refused(data: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(f"{HEAD}mine2,the first text,,0,0,ann,x\n")
    assert lockstep("load", "hackernews", str(file), "--data", data)[0] == 0
    file.write_text(f"{HEAD}mine2,another text,,0,0,ann,x\n")
    code, found, _ = lockstep("load", "hackernews", str(file), "--data", data)
    assert code == 1
    assert "422" in found["refused"][0]["reason"]


def test_a_shop_is_loaded_once_and_its_answers_are_verified_against_the_events(data: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("".join(SUPERSTORE.read_text(encoding="utf-8").splitlines(keepends=True)[:151]), encoding="utf-8")
    code, first, words = lockstep("load", "superstore", str(file), "--data", data)
    assert code == 0, words
    assert (first["rows"], first["commandsAcceptedAlready"], first["wrong"], first["refused"]) == (150, 0, [], [])
    code, again, words = lockstep("load", "superstore", str(file), "--data", data)
    assert code == 0, words
    assert again["commandsAcceptedAlready"] == again["commands"] == first["commands"]
    code, verified, words = lockstep("verify", "analytics", "--data", data)
    assert code == 0, words
    assert (verified["orders"], verified["different"]) == (first["orders"], [])
    assert verified["answers"] >= 30

    address = lockstep("status", "--data", data)[1]["servers"]["mongo"]
    with MongoClient[dict[str, Any]](address["uri"]) as client:
        rollups = client[address["database"]]["shop_buckets"]
        month = rollups.find_one({"bucket": {"$regex": "^.{7}$"}})
        assert month is not None
        (segment, cell), *_ = month["sales"].items()
        sales = month["sales"] | {segment: [cell[0], cell[1] + 1, *cell[2:]]}
        rollups.update_one({"_id": month["_id"]}, {"$set": {"sales": sales}})
        code, verified, _ = lockstep("verify", "analytics", "--wait", "0", "--data", data)
        rollups.update_one({"_id": month["_id"]}, {"$set": {"sales": month["sales"]}})
    assert code == 1, "a cent too much, and nobody said so"
    assert {one["question"] for one in verified["different"]} >= {"sales-by-month", "segments"}


def test_nothing_running_is_said(tmp_path: Path) -> None:
    code, _, words = lockstep("load", "demo", "--data", str(tmp_path))
    assert code == 3
    assert "lockstep up" in words
