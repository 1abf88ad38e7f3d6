"""What other lottery-ticket systems do, through the whole pipeline: every source of theirs once."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

if TYPE_CHECKING:
    from tests.workflow.conftest import Project

pytestmark = [pytest.mark.slow, pytest.mark.long]

# Those of which nothing is trained leave the weights that they start from.
EXPERIMENTS = """
criterion:
  description: A criterion.
  extends: net_rate_same
  arm: {mask: {source: criterion, score: movement}, weights: {source: original}}
units:
  description: Units.
  extends: net_rate_same
  arm: {mask: {source: units}, weights: {source: original}}
snip:
  description: SNIP.
  extends: net_rate_same
  training: {iterations: 0}
  arm: {mask: {source: snip}, weights: {source: original}}
grasp:
  description: GraSP.
  extends: snip
  arm: {mask: {source: grasp}, weights: {source: original}}
synflow:
  description: SynFlow.
  extends: snip
  arm: {mask: {source: synflow}, weights: {source: original}}
random_ratios:
  description: Smart ratios.
  extends: snip
  arm: {mask: {source: random_ratios, ratios: smart}, weights: {source: original}}
shuffled_across:
  description: Random masks as large as tickets.
  extends: snip
  arm:
    mask: {source: shuffled_across, experiment: net_imp, layers: any}
    weights: {source: original}
  rounds: 1-2
ticket:
  description: Tickets.
  extends: snip
  arm: {mask: {source: of, experiment: net_imp}, weights: {source: original}}
  rounds: 1-2
signed_constant:
  description: Signs alone.
  extends: ticket
  arm: {mask: {source: of, experiment: net_imp}, weights: {source: signed_constant}}
reinit_with_sign:
  description: Other magnitudes.
  extends: ticket
  arm: {mask: {source: of, experiment: net_imp}, weights: {source: reinit_with_sign}}
permuted:
  description: Permuted.
  extends: ticket
  arm: {mask: {source: of, experiment: net_imp}, weights: {source: permuted, sign: original}}
redistributed:
  description: Another distribution.
  extends: ticket
  arm:
    mask: {source: of, experiment: net_imp}
    weights: {source: redistributed, distribution: he_uniform}
pretrained:
  description: Trained weights under the mask.
  extends: ticket
  arm:
    mask: {source: of, experiment: net_imp}
    weights: {source: pretrained, experiment: net_imp}
between:
  description: The worst network between two trained ones.
  extends: ticket
  arm:
    mask: {source: of, experiment: net_imp}
    weights: {source: between, first: net_imp, second: net_reinit}
  trials: 1
pool:
  description: Tickets mixed with those of other rounds.
  extends: snip
  arm: {mask: {source: pool, experiment: net_imp, last: 2}, weights: {source: pool}}
intersection:
  description: What two networks keep.
  extends: net_imp
  arm:
    mask: {source: intersection, parts: [intersection, intersection_alike]}
    weights: {source: original}
intersection_alike:
  description: The other one, which learns at another rate.
  extends: intersection
  training: {learning_rate: 0.01}
"""
NAMES = [line[:-1] for line in EXPERIMENTS.splitlines() if line.endswith(":") and line[0] != " "]
SAME_SIGN = ("signed_constant", "reinit_with_sign", "permuted", "redistributed")


@pytest.fixture(scope="module")
def peers(built: "Project", tmp_path_factory: pytest.TempPathFactory) -> "Project":
    """A copy of the project with all of them run."""
    project = built.copy_to(tmp_path_factory.mktemp("peers"))
    project.sum_up("peers", EXPERIMENTS, NAMES)
    return project


def kept(project: "Project", name: str, round_: int) -> int:
    """Return how many weights a run has."""
    return sum(int(mask.sum()) for mask in project.arrays(name, round_, "masks").values())


def test_nothing_finished_is_stale(peers: "Project") -> None:
    assert peers.stale("fig91", "fig92") == set()


@pytest.mark.parametrize(
    "name",
    [
        *("criterion", "snip", "grasp", "synflow", "random_ratios", "shuffled_across", "ticket"),
        *("between", "pool"),
    ],
)
def test_sizes_are_those_of_iterative_pruning(peers: "Project", name: str) -> None:
    summary = pd.read_parquet(peers.path(f"results/tiny/tables/{name}/summary.parquet"))
    assert {1, 2} <= set(summary["round"])
    for round_ in (1, 2):
        assert kept(peers, name, round_) == kept(peers, "net_imp", round_)


def test_units_go_whole(peers: "Project") -> None:
    for round_, units in ((1, 16), (2, 13)):
        mask = peers.arrays("units", round_, "masks")["fc1.weight"]
        assert mask.any(axis=1).sum() == units and mask.sum() == 784 * units


@pytest.mark.parametrize("name", SAME_SIGN)
def test_signs_are_those_of_the_ticket(peers: "Project", name: str) -> None:
    found, ticket = (peers.arrays(one, 2, "weights") for one in (name, "ticket"))
    for layer, mask in peers.arrays("net_imp", 2, "masks").items():
        assert (found[layer][~mask] == 0).all()
        same = np.sign(found[layer][mask]) == np.sign(ticket[layer][mask])
        # Evenly spread values have their middle at 0, theta_0 has it nearby.
        assert same.mean() > (0.9 if name == "redistributed" else 0.9999)
        assert not np.array_equal(found[layer], ticket[layer])


def test_pretrained_weights_are_the_dense_runs_under_the_mask(peers: "Project") -> None:
    found, dense = (
        peers.arrays("pretrained", 2, "weights"),
        peers.arrays("net_imp", 0, "weights"),
    )
    for layer, mask in peers.arrays("net_imp", 2, "masks").items():
        assert np.array_equal(found[layer], np.where(mask, dense[layer], 0))


def test_between_two_networks_all_tensors_have_one_share(peers: "Project") -> None:
    found, first, second = (
        peers.arrays(name, 2, "weights") for name in ("between", "net_imp", "net_reinit")
    )
    shares = [
        share
        for share in np.linspace(0, 1, 30)
        if all(
            np.allclose(found[key], (1 - share) * first[key] + share * second[key], atol=1e-6)
            for key in found
        )
    ]
    assert len(shares) == 1


def test_a_pool_is_no_worse_than_its_ticket_on_validation(peers: "Project") -> None:
    pool, ticket = (
        pd.read_parquet(peers.path(f"results/tiny/tables/{name}/curves.parquet"))
        for name in ("pool", "net_imp")
    )
    for round_ in (0, 1, 2):
        pooled, trained = (
            table[(table["round"] == round_) & (table["trial"] == 0)
                  & (table["split"] == "validation")].iloc[-1]["accuracy"]
            for table in (pool, ticket)
        )  # fmt: skip
        assert pooled >= trained


def test_parts_share_the_mask_that_both_keep(peers: "Project") -> None:
    for round_ in (1, 2):
        ours, theirs = (
            peers.arrays(name, round_, "masks") for name in ("intersection", "intersection_alike")
        )
        assert all(np.array_equal(ours[key], theirs[key]) for key in ours)
        assert kept(peers, "intersection", round_) < kept(peers, "net_imp", round_)
