"""Being asked to stop: what schedulers signal ahead of a time limit or a preemption."""

import signal
from dataclasses import dataclass

from lth_core.errors import Failure


class Stopped(Failure):
    """The job was asked to stop, and has saved where it stands."""


@dataclass
class StopRequest:
    """Whether the process was asked to stop."""

    received: bool = False


def stop_signals() -> StopRequest:
    """Return a request that SIGTERM or SIGUSR1 will mark as received, in place of dying."""
    request = StopRequest()

    def receive(*_: object) -> None:
        request.received = True

    for name in (signal.SIGTERM, signal.SIGUSR1):
        signal.signal(name, receive)
    return request
