"""Requests to stop: signals of schedulers ahead of a time limit or a preemption."""

import signal
from collections.abc import Callable
from dataclasses import dataclass

from lth_core.errors import Failure

# What long work calls about every second; may raise Stopped.
Pause = Callable[[], None]


class Stopped(Failure):
    """The job was asked to stop."""


def go_on() -> None:
    """Never stop."""


@dataclass
class StopRequest:
    """Whether the process was asked to stop."""

    received: bool = False

    def check(self) -> None:
        """Raise Stopped if it was."""
        if self.received:
            raise Stopped("asked to stop")


def stop_signals() -> StopRequest:
    """Return a request that SIGTERM or SIGUSR1 will mark as received, in place of dying."""
    request = StopRequest()

    def receive(*_: object) -> None:
        request.received = True

    for name in (signal.SIGTERM, signal.SIGUSR1):
        signal.signal(name, receive)
    return request
