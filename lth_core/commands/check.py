"""`lth check`: checks config/ and counts what it asks for."""

from lth_core.commands.shared import CONFIG, Scale, project_at
from lth_core.config.check_claims import checked_claims
from lth_core.runs.plan import Plan
from lth_core.words import plural


def check(scale: Scale = None) -> None:
    """Check config/ and count what would be run."""
    project = project_at(scale)
    checked_claims(CONFIG, project)
    plan = Plan(project)
    planned = sum(1 for name in plan.experiments for _ in plan.runs(name))
    trained = sum(len(job.runs) for job in plan.jobs.values())
    print(f"{CONFIG}/ is valid. At scale {project.config.scale}:")
    experiments, jobs = len(plan.experiments), len(plan.jobs)
    left_out = len(project.dropped)
    print(f"{experiments:6,} {plural('experiment', experiments)} ({left_out} left out)")
    print(f"{planned:6,} {plural('run', planned)}, {planned - trained:,} of them shared")
    print(f"{jobs:6,} {plural('job', jobs)} to train the other {trained:,}")
