"""`lth gallery`: writes the page of all figures, from what is already built."""

from pathlib import Path

from lth_core.commands.shared import Scale, project_at
from lth_core.jobs import gallery as kind
from lth_core.jobs.kind import code_of
from lth_core.jobs.run import run
from lth_core.runs.plan import Plan


def gallery(scale: Scale = None) -> None:
    """Write results/SCALE/gallery.html of the built figures (the rule builds all of them)."""
    plan = Plan(project_at(scale))
    job = kind.job(plan, {"results": plan.results})
    run("gallery", job, code_of("gallery", job), Path(plan.results))
