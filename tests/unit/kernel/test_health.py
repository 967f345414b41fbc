"""The health port says what is up, what drains and how far behind, and lag alone is never a reason to be taken out."""

from __future__ import annotations

import asyncio

import httpx

from kernel.health import Health


async def up() -> None:
    return


async def down() -> None:
    raise ConnectionRefusedError


async def ask(health: Health, path: str, method: str = "GET") -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.request(method, f"http://127.0.0.1:{health.port}{path}")


async def test_ready_while_all_answer_however_large_the_lag() -> None:
    stop = asyncio.Event()
    health = Health(stop=stop, checks={"kafka": up}, report=lambda: {"lag": {"rows": 10**9}})
    async with health.listening("127.0.0.1", 0):
        answer = await ask(health, "/readyz")
        assert answer.status_code == 200
        assert answer.json() == {
            "ready": True, "draining": False, "dependencies": {"kafka": "up"}, "lag": {"rows": 10**9}
        }  # fmt: skip
        stop.set()
        answer = await ask(health, "/readyz")
        assert (answer.status_code, answer.json()["draining"]) == (503, True)


async def test_not_ready_names_what_is_down_and_is_alive_all_the_same() -> None:
    health = Health(stop=asyncio.Event(), checks={"kafka": down, "postgres": up})
    async with health.listening("127.0.0.1", 0):
        answer = await ask(health, "/readyz")
        assert answer.status_code == 503
        assert answer.json()["dependencies"] == {"kafka": "down: ConnectionRefusedError", "postgres": "up"}
        assert (await ask(health, "/livez")).status_code == 200
        assert "process_cpu_seconds_total" in (await ask(health, "/metrics")).text
        assert (await ask(health, "/nothing")).status_code == 404
        assert (await ask(health, "/livez", "POST")).status_code == 405
