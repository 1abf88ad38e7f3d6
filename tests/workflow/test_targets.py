"""What is said of a mistaken target, from the plan alone."""

import pytest
from snakemake_interface_common.exceptions import ApiError

from rules.targets import check_targets
from tests.projects import plan_at


@pytest.mark.parametrize("target", ["{}", "results/quick/tables/{}/summary.parquet"])
def test_an_experiment_that_the_scale_leaves_out_is_not_called_unknown(target: str) -> None:
    plan = plan_at("quick")
    name = min(plan.project.dropped)
    with pytest.raises(ApiError, match=f"{name}: scale quick leaves it out; try --scale"):
        check_targets([target.format(name)], ["all_figures"], plan)


@pytest.mark.parametrize(
    "target", ["results/paper/figures/fig04.png", "results/paper/claims.csv", "results/paper/x"]
)
def test_a_path_of_another_scale_says_how_to_ask_for_it(target: str) -> None:
    with pytest.raises(ApiError, match="add `--config scale=paper`"):
        check_targets([target], ["all_figures"], plan_at("quick"))


@pytest.mark.parametrize(
    "target", ["results/data/new.manifest.json", "results/published/new/figures/fig04.png"]
)
def test_other_paths_are_snakemakes_to_look_for(target: str) -> None:
    check_targets([target], ["all_figures"], plan_at("quick"))
