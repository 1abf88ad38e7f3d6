"""Tensors of several lanes in one safetensors file, and the file to resume a job from."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from lth_core.files import atomic_path
from lth_core.networks.shapes import Weights
from lth_core.training.loop import Progress
from lth_core.training.record import Record
from lth_core.training.state import State

SECONDS_BETWEEN_SAVES = 30.0


def lane_key(trial: int, replicate: int, name: str = "", snapshot: bool = False) -> str:
    """Return the key of a lane's tensor in weights.safetensors and masks.safetensors."""
    return f"{'snapshot/' if snapshot else ''}trial{trial}/replicate{replicate}/{name}"


def save_lanes(
    path: Path,
    lanes: list[tuple[int, int]],
    tensors: list[Weights],
    snapshots: list[Weights] | None = None,
) -> None:
    """Write the tensors of all lanes atomically, with those of an early iteration if given."""
    groups = [(tensors, False), *([(snapshots, True)] if snapshots else [])]
    save(
        path,
        {
            lane_key(trial, replicate, name, snapshot): array
            for group, snapshot in groups
            for (trial, replicate), arrays in zip(lanes, group, strict=True)
            for name, array in arrays.items()
        },
    )


def load_lane(path: Path, trial: int, replicate: int, snapshot: bool = False) -> Weights:
    """Return the tensors of one lane by name, at the end or at its early iteration."""
    prefix = lane_key(trial, replicate, snapshot=snapshot)
    with safe_open(path, framework="numpy") as file:
        names = [key for key in file.keys() if key.startswith(prefix)]  # noqa: SIM118
        return {name.removeprefix(prefix): file.get_tensor(name) for name in names}


def save(
    path: Path, tensors: dict[str, np.ndarray], metadata: dict[str, str] | None = None
) -> None:
    """Write `tensors` atomically as safetensors. Raises OSError, naming the file."""
    with atomic_path(path) as temporary:
        try:
            save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()}, temporary, metadata)
        except SafetensorError as error:
            raise OSError(str(error)) from None


@dataclass
class ResumeFile:
    """Saves a job's state beside its outputs-to-be, and gives it back to the next attempt.

    identity: digest of the job's specification and code; a file of another is ignored.
    """

    path: Path
    identity: str
    _saved: float = 0.0

    def __post_init__(self) -> None:
        self._saved = time.monotonic()
        self._interval = float(os.environ.get("LTH_SAVE_SECONDS", SECONDS_BETWEEN_SAVES))

    def due(self) -> bool:
        """Return whether it is time to save again."""
        return time.monotonic() - self._saved >= self._interval

    def save(self, states: list[State], progress: Progress) -> None:
        """Write everything that is needed to go on bit for bit."""
        tensors = {
            "record/loss": progress.record.loss,
            "record/accuracy": progress.record.accuracy,
        }
        for lane, (state, best) in enumerate(zip(states, progress.best, strict=True)):
            for group, arrays in (
                ("weights", state.weights),
                ("moments", state.moments),
                ("best", best),
                ("snapshot", progress.snapshot[lane]),
            ):
                tensors |= {f"{lane}/{group}/{name}": array for name, array in arrays.items()}
        about = {
            "identity": self.identity,
            "measured": progress.measured,
            "step": progress.step,
            "lanes": len(states),
        }
        save(self.path, tensors, {"resume": json.dumps(about)})
        self._saved = time.monotonic()

    def load(self, progress: Progress) -> list[State] | None:
        """Fill `progress` and return the states, or None if there is nothing to go on from."""
        try:
            with safe_open(self.path, framework="numpy") as file:
                about = json.loads((file.metadata() or {})["resume"])
                if about["identity"] != self.identity:
                    return None
                tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        except (FileNotFoundError, SafetensorError, KeyError, json.JSONDecodeError):
            return None
        record = progress.record
        progress.record = Record(
            record.iterations, tensors["record/loss"], tensors["record/accuracy"]
        )
        progress.measured, progress.step = about["measured"], about["step"]
        lanes = range(about["lanes"])
        progress.best = [_group(tensors, lane, "best") for lane in lanes]
        progress.snapshot = [_group(tensors, lane, "snapshot") for lane in lanes]
        return [
            State(
                _group(tensors, lane, "weights"),
                _group(tensors, lane, "moments"),
                progress.step,
            )
            for lane in lanes
        ]

    def remove(self) -> None:
        """Delete the file: the job is done."""
        self.path.unlink(missing_ok=True)


def _group(tensors: dict[str, np.ndarray], lane: int, group: str) -> dict[str, np.ndarray]:
    prefix = f"{lane}/{group}/"
    return {key.removeprefix(prefix): a for key, a in tensors.items() if key.startswith(prefix)}
