"""Ports for servers that a test starts."""

from __future__ import annotations

import random
import socket

LOWEST, HIGHEST = 20_000, 32_000
"""Below the ports that the system gives to outgoing connections: none of those can take ours before the server does."""
_draw = random.SystemRandom()
_given: set[int] = set()


def free_port() -> int:
    """A port of this machine that nobody listens on, and that was not given before."""
    while True:
        port = _draw.randrange(LOWEST, HIGHEST)
        with socket.socket() as probe:
            if port in _given or probe.connect_ex(("127.0.0.1", port)) == 0:
                continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
