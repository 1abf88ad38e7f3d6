"""Prepares a process to do jobs: its environment, and how it stops."""

import math
import os
import signal

from lth_core.errors import Failure


def prepare() -> None:
    """Have Ctrl-C end the process as SIGTERM does: training then saves itself.

    Raises Failure for a variable that makes no sense, before anything is computed.
    """
    told = os.environ.get("LTH_SAVE_SECONDS", "30")
    try:
        right = 0 <= float(told) < math.inf
    except ValueError:
        right = False
    if not right:
        raise Failure(f"LTH_SAVE_SECONDS is {told!r}; it should be a number of seconds, such as 30")
    signal.signal(signal.SIGINT, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
