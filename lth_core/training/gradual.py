"""An engine whose networks are pruned while they train."""

from collections.abc import Callable, Mapping

import numpy as np

from lth_core.networks.shapes import Masks, Weights
from lth_core.training.batches import Batches
from lth_core.training.loop import Engine
from lth_core.training.state import State
from lth_core.training.stopping import Pause, go_on

_MASK = "mask/"


class PruningEngine:
    """Another engine, made again with smaller masks whenever pruning is due.

    Evaluations after the iteration of a pruning see the network that it leaves. Whatever is pruned
    stays zero, and so do its moments.
    """

    def __init__(
        self,
        make: Callable[[list[State], list[Masks]], Engine],
        states: list[State],
        keeping: Mapping[int, Callable[[Weights, Masks], Masks]],
    ) -> None:
        """Take states as `begun` or `states` gives them.

        make: returns the engine of states and masks, by lane. keeping: by iteration, from a lane's
        weights and masks to those of its masks that stay, nested in what they were.
        """
        self._make, self._keeping = make, keeping
        self.masks = [_masks(state) for state in states]
        self._step = states[0].step
        self._engine = make([_without_masks(state) for state in states], self.masks)
        self.name, self.stretch = self._engine.name, self._engine.stretch

    def train(self, batches: Batches) -> None:
        """Run the iterations of `batches`, and prune if that is due after the last of them.

        Iterations at which pruning is due must be the last of a call: evaluations are.
        """
        self._engine.train(batches)
        self._step += batches.rows.shape[1]
        if self._step in self._keeping:
            self._prune(self._keeping[self._step])

    def _prune(self, keep: Callable[[Weights, Masks], Masks]) -> None:
        states = self._engine.states()
        lanes = zip(states, self.masks, strict=True)
        self.masks = [keep(state.weights, masks) for state, masks in lanes]
        pruned = [under(state, masks) for state, masks in zip(states, self.masks, strict=True)]
        self._engine = self._make(pruned, self.masks)

    def evaluate(self, split: str, pause: Pause = go_on) -> tuple[np.ndarray, np.ndarray]:
        """Return mean loss and accuracy, float64 (lanes,), of the present weights."""
        return self._engine.evaluate(split, pause)

    def evaluate_weights(
        self, weights: list[Weights], split: str, pause: Pause = go_on
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return mean loss and accuracy, float64 (lanes,), of earlier weights as they were.

        Their masks may have been larger: what was pruned then is zero in them.
        """
        states = [State(lane, {}, 0) for lane in weights]
        masks = [{name: np.ones_like(mask) for name, mask in lane.items()} for lane in self.masks]
        return self._make(states, masks).evaluate(split, pause)

    def weights(self) -> list[Weights]:
        """Return a copy of all weights, in dense layout."""
        return self._engine.weights()

    def states(self) -> list[State]:
        """Return a copy of all states; with their masks, which a resumed job needs."""
        lanes = zip(self._engine.states(), self.masks, strict=True)
        return [begun(state, masks) for state, masks in lanes]

    @property
    def description(self) -> dict[str, str]:
        """What the manifest records of the engine."""
        return self._engine.description


def under(state: State, masks: Masks) -> State:
    """Return a state with all zero that `masks` leave out: weights and their moments."""

    def kept(name: str, array: np.ndarray) -> np.ndarray:
        return np.where(masks[name], array, np.float32(0)) if name in masks else array

    weights = {name: kept(name, array) for name, array in state.weights.items()}
    moments = {key: kept(key.rpartition(".")[0], array) for key, array in state.moments.items()}
    return State(weights, moments, state.step)


def begun(state: State, masks: Masks) -> State:
    """Return a state that holds its masks, too, as arrays beside the moments."""
    held = {f"{_MASK}{name}": mask for name, mask in masks.items()}
    return State(state.weights, state.moments | held, state.step)


def _masks(state: State) -> Masks:
    names = (key for key in state.moments if key.startswith(_MASK))
    return {key.removeprefix(_MASK): state.moments[key] for key in names}


def _without_masks(state: State) -> State:
    moments = {k: array for k, array in state.moments.items() if not k.startswith(_MASK)}
    return State(state.weights, moments, state.step)
