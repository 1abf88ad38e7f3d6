"""Status of a job in an audit, and the reasons for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple


class Status(IntEnum):
    """From the best to the worst; a job has the worst that there is a reason for.

    verified: every file is what the record says, and this checkout would make the same.
    omitted: likewise, but some files are left out on purpose: of a published result, or by
    `keep_checkpoints`. What they were is known.
    foreign: intact, but made by what this checkout is not: changes that no commit holds, a commit
    that it does not have, versions that its lock does not name, a job that its config does not
    plan. Or where it lies, there is nothing to compare it with.
    stale: intact, but Snakemake would run it again: other settings, code or inputs.
    missing: a file is gone; what it was is known.
    changed: a file is not what the record says.
    """

    VERIFIED = 0
    OMITTED = 1
    FOREIGN = 2
    STALE = 3
    MISSING = 4
    CHANGED = 5

    def __str__(self) -> str:
        return self.name.lower()

    @property
    def exit_code(self) -> int:
        """0: proven. 1: nothing contradicts the record, with reservations. 2: contradicted."""
        if self in (Status.VERIFIED, Status.OMITTED):
            return 0
        return 2 if self == Status.CHANGED else 1


class Reason(NamedTuple):
    """Why a job is not verified."""

    status: Status
    text: str


@dataclass(frozen=True)
class Verdict:
    """All that was found wrong with a job, the worst first."""

    reasons: tuple[Reason, ...]

    @property
    def status(self) -> Status:
        """The worst of the reasons'."""
        return self.reasons[0].status if self.reasons else Status.VERIFIED


def worst(verdicts: Iterable[Verdict]) -> Status:
    """Return the worst status of several jobs."""
    return max((verdict.status for verdict in verdicts), default=Status.VERIFIED)
