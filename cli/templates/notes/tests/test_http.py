"""The whole path, HTTP to HTTP, on real servers that the first test starts."""

import httpx
from lockstep_testing.system import RunningSystem, fresh_after


def test_its_life(lockstep_client: httpx.Client) -> None:
    alice = lockstep_client
    done = alice.post("/notes", json={"text": "milk"})
    assert done.status_code == 201, done.text
    path = f"/notes/{done.json()['id']}"
    assert alice.get(path, headers=fresh_after(done)).json()["text"] == "milk"
    assert alice.put(path, json={"text": "tea"}).json()["version"] == 2
    done = alice.put(f"{path}/close")
    assert alice.put(path, json={"text": "late"}).status_code == 409
    (found,) = alice.get("/notes", headers=fresh_after(done)).json()["notes"]
    assert (found["text"], found["closed"], found["version"]) == ("tea", True, 3)
    then = alice.get(f"{path}/history", params={"version": 1}).json()
    assert (then["text"], then["closed"]) == ("milk", False)


def test_it_is_its_owners_alone(lockstep_system: RunningSystem) -> None:
    with lockstep_system.client("ann") as ann, lockstep_system.client("bob") as bob:
        done = ann.post("/notes", json={"text": "secret"})
        path, fresh = f"/notes/{done.json()['id']}", fresh_after(done)
        assert ann.get(path, headers=fresh).status_code == 200
        assert bob.get(path, headers=fresh).status_code == 404
        assert bob.get(f"{path}/history").status_code == 404
        assert bob.get("/notes", headers=fresh).json()["notes"] == []
        assert bob.put(path, json={"text": "mine"}).status_code == 404
