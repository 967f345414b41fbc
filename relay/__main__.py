"""`python -m relay`."""

from __future__ import annotations

import logging
import sys

import uvloop

from kernel.service import spare_the_collector
from kernel.settings import SettingsError, read_settings
from kernel.telemetry import configure_logging
from relay.main import main

try:
    settings = read_settings()
    configure_logging("relay", settings.log_level)
    # Kafka 4 has a producer ask again while the transaction before is being completed: every few batches, and no news
    logging.getLogger("aiokafka.producer.sender").setLevel(logging.ERROR)
    spare_the_collector()
    uvloop.run(main(settings))
except SettingsError as error:
    print(f"relay: {error}", file=sys.stderr)
    raise SystemExit(2) from None
