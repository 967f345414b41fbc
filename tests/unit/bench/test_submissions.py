"""Rows of a Hacker News file: each is sent or listed with its reason, never dropped."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from cli.submissions import read_submissions

HEAD = b"id,title,url,num_points,num_comments,author,created_at\n"
GOOD = "1,Größe — “ß” 漢字,http://x.example/,3,0,ann,1/1/2016 0:00\n".encode()


def read(tmp_path: Path, content: bytes, likes: int = 100) -> tuple[list[tuple[str, str, str, int]], dict[int, str]]:
    file = tmp_path / "rows.csv"
    file.write_bytes(content)
    found, refused = read_submissions(file, likes)
    assert len(found) + len(refused) == len({one.row for one in found} | {one.row for one in refused})
    return [(one.id, one.author, one.message, one.likes) for one in found], {one.row: one.reason for one in refused}


def test_title_and_url_are_the_message(tmp_path: Path) -> None:
    found, refused = read(tmp_path, HEAD + GOOD + b'2,"no, url",,0,0,bob,x\n')
    assert found == [("1", "ann", "Größe — “ß” 漢字\nhttp://x.example/", 3), ("2", "bob", "no, url", 0)]
    assert refused == {}


def test_likes_go_to_the_first_rows_until_they_are_used_up(tmp_path: Path) -> None:
    rows = b"".join(b"%d,t,,3,0,ann,x\n" % number for number in range(4))
    assert [likes for *_, likes in read(tmp_path, HEAD + rows, likes=7)[0]] == [3, 3, 1, 0]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"2,caf\xe9,,1,0,bob,x\n", "not UTF-8"),
        (b"1,again,,1,0,bob,x\n", "there already"),
        (b"2,t,,1,0,  ,x\n", "author"),
        (b"2,t,,1,0," + b"a" * 101 + b",x\n", "author"),
        (b"2,t,,many,0,bob,x\n", "no number"),
        (b"2,t,,-1,0,bob,x\n", "no number"),
        (b"2,t\n", "number of fields"),
        (b"2,t,,1,0,bob,x,more\n", "number of fields"),
        (b",t,,1,0,bob,x\n", "the id"),
    ],
)
def test_a_row_that_cannot_be_sent_is_listed_and_harms_no_other(tmp_path: Path, row: bytes, reason: str) -> None:
    found, refused = read(tmp_path, HEAD + GOOD + row + b"3,last,,0,0,eve,x\n")
    assert [identifier for identifier, *_ in found] == ["1", "3"]
    assert list(refused) == [2]
    assert reason in refused[2]


def test_a_file_that_is_something_else_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="lacks the column title"):
        read(tmp_path, b"id,name\n1,x\n")
    with pytest.raises(click.ClickException, match="cannot be read"):
        read_submissions(tmp_path / "nothing.csv", 0)


def test_a_post_keeps_its_id_and_key_from_run_to_run(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(HEAD + GOOD)
    ((once,), _), ((again,), _) = read_submissions(file, 0), read_submissions(file, 5)
    assert (once.post_id, once.key) == (again.post_id, again.key)
