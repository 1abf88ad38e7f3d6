"""A check of all engines that a loop of its own trains: stopped anywhere, it ends the same."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from lth_core.training.checkpoint import ResumeFile
from lth_core.training.loop import Progress
from lth_core.training.record import Record
from lth_core.training.state import State
from lth_core.training.stopping import Stopped, go_on


def assert_ends_the_same(
    folder: Path,
    iterations: int,
    engine_of: Callable[[list[State] | None], Any],
    run: Callable[[Any, Progress, Callable[[], None]], Any],
    every: int = 1,
) -> None:
    """Stop two lanes at each pause, or every so many, and go on from what was saved.

    engine_of: returns the engine at a resumed job's states, or at its start.
    """

    def attempt(resume: ResumeFile, pause: Callable[[], None]) -> list[Any]:
        progress = Progress.begin(Record.empty(iterations, 3, 2), 2)
        engine = engine_of(resume.load(progress))
        try:
            accuracy = run(engine, progress, pause)
        except Stopped:
            resume.save(engine.states(), progress)
            raise
        states = [_bytes(state.weights | state.moments) for state in engine.states()]
        written = [_bytes(lane) for lane in engine.weights()]
        return [progress.record.loss.tobytes(), states, written, accuracy]

    pauses = count()
    expected = attempt(ResumeFile(folder / "whole", ""), lambda: next(pauses) and None)
    for at in range(0, next(pauses), every):
        left, resume = count(at, -1), ResumeFile(folder / f"stopped_{at}", "")

        def pause(left: Any = left) -> None:
            if next(left) == 0:
                raise Stopped("asked to stop")

        with pytest.raises(Stopped):
            attempt(resume, pause)
        assert attempt(resume, go_on) == expected, f"stopped at pause {at}"


def _bytes(arrays: Any) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in arrays.items()}
