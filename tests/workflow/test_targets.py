"""What is said of a mistaken target, from the plan alone."""

import pytest
from snakemake.exceptions import WorkflowError

from rules.targets import check_targets
from tests.projects import plan_at


@pytest.mark.parametrize("target", ["{}", "results/quick/tables/{}/summary.parquet"])
def test_an_experiment_that_the_scale_leaves_out_is_not_called_unknown(target: str) -> None:
    plan = plan_at("quick")
    name = min(plan.project.dropped)
    with pytest.raises(WorkflowError, match=f"{name}: scale quick leaves it out; try --scale"):
        check_targets([target.format(name)], ["all_figures"], plan)
