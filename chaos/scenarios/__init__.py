"""The scenarios, each a fault, a crowd, and what must have happened for the run to mean anything.

After a scenario has played nobody helps: everything must catch up by itself within `live_seconds`, and then the checker
looks at it all.
"""

from __future__ import annotations

from chaos.scenarios import clients, everything, late_commits, projectors, relays, restarts, servers
from chaos.scenarios.scenario import Scenario

SCENARIOS: dict[str, Scenario] = {
    each.name: each
    for each in sorted(
        [
            *clients.SCENARIOS,
            *late_commits.SCENARIOS,
            *relays.SCENARIOS,
            *projectors.SCENARIOS,
            *servers.SCENARIOS,
            *restarts.SCENARIOS,
            *everything.SCENARIOS,
        ],
        key=lambda each: int(each.name[1:]),
    )
}
# S45 is beyond the list that the others' numbers come from
SMOKE = ["S1", "S12", "S14", "S18", "S19", "S31"]
"""What every change is to survive: a few minutes."""
NOT_STAGED: dict[str, str] = {
    "S6": "a full pg_wal needs a file system of its own for PostgreSQL; not written yet",
    "S7": "a power cut needs lazyfs (FUSE) under the data folders, which is in no package of ours",
    "S10": "no rule over two aggregates is in the domains that have landed: transfers hold theirs in one commit",
    "S11": "there is one migration, and no downgrade",
    "S16": "takes 20 minutes by its nature; not written yet",
    "S17": "the notification is a hint only; a listener cut off needs a proxy on it; not written yet",
    "S20": "needs a proxy between relay and Kafka; not written yet",
    "S22": "needs a broker that answers without a leader: more than one broker",
    "S23": "the API refuses events far below the broker's limit; only a changed topic would do it",
    "S24": "a send that fails inside a transaction needs a proxy between relay and Kafka; not written yet",
    "S25": "needs a proxy that delays on the links of Kafka and MongoDB; not written yet",
    "S26": "topics of another width are refused; tests/integration/relay/test_refusals.py has it",
    "S27": "a rebuild, which the system does not have yet",
    "S28": "a rebuild, which the system does not have yet",
    "S29": "positions are not kept in Kafka's groups, so there is nothing to wipe",
    "S30": "ten minutes without Kafka and a full disk; not written yet",
    "S33": "two projectors on one partition: S31 and S32 force it at every change of owner; not counted apart yet",
    "S35": "needs a file system of its own for MongoDB; not written yet",
    "S36": "the API cannot be made to store poison; tests/integration/projector/test_parking.py has it",
    "S37": "a rebuild, which the system does not have yet",
    "S39": "needs libfaketime, which is in no package of ours",
    "S40": "needs limits on processes; not written yet",
    "S42": "a fuzzer of the whole API; not written yet",
    "S43": "tests/acceptance/test_auth.py has it for one domain",
    "S44": "three brokers on this machine; not written yet",
}
"""Scenario → why it is not played."""
