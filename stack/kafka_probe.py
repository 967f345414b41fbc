"""One question to a Kafka broker in its own protocol: does it know its cluster and lead it?

A plain blocking Metadata request (version 1, for no topic): enough to tell a broker that serves from an open port,
without a client library's threads or event loop.
"""

from __future__ import annotations

import socket
import struct

METADATA, VERSION, CORRELATION = 3, 1, 7
CLIENT = b"lockstep-probe"


def broker_serves(host: str, port: int, seconds: float = 2.0) -> bool:
    """Whether the broker answers, is registered itself and knows a controller. Raises OSError if it is away."""
    header = struct.pack(">hhih", METADATA, VERSION, CORRELATION, len(CLIENT)) + CLIENT
    request = header + struct.pack(">i", 0)
    with socket.create_connection((host, port), timeout=seconds) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        (size,) = struct.unpack(">i", receive(connection, 4))
        answer = receive(connection, size)
    correlation, brokers = struct.unpack_from(">ii", answer)
    if correlation != CORRELATION or brokers < 1:
        return False
    at = 8
    for _ in range(brokers):
        (length,) = struct.unpack_from(">h", answer, at + 4)
        at += 4 + 2 + length + 4  # node id, host, port
        (rack,) = struct.unpack_from(">h", answer, at)
        at += 2 + max(rack, 0)
    (controller,) = struct.unpack_from(">i", answer, at)
    return int(controller) >= 0


def receive(connection: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes."""
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise ConnectionError("the broker closed the connection")
        received += part
    return received
