# Changes to Snakemake's behaviour, in the call itself and in its jobs' processes.
import getpass
import os
from functools import cache

import snakemake.common
import snakemake.dag
import snakemake.jobs
import snakemake.rules
import snakemake.scheduling.job_scheduler
import snakemake.workflow
from snakemake.settings.enums import Quietness

from rules.campaign import VARIABLE, check_campaign, start_campaign
from rules.cost import costs_of_jobs, saying_the_cost
from rules.lock import one_at_a_time
from rules.progress import show_progress
from rules.staleness import asking_manifests
from rules.targets import with_known_targets

# A seventh of a dry-run: the signatures of the same few functions, looked up for every job, and
# whether an output lies in another that is a folder, which none is.
snakemake.rules.get_function_params = cache(snakemake.common.get_function_params)
snakemake.common.get_function_params = snakemake.rules.get_function_params
snakemake.dag.DAG.check_directory_outputs = lambda self: None
if workflow.output_settings.dryrun and {Quietness.RULES, Quietness.ALL} & set(
    workflow.output_settings.quiet or ()
):
    # A quarter: the wording of what is not shown.
    snakemake.jobs.Job.log_info = lambda self, *_, **__: None

# No more than 100 jobs a second, its default, makes Snakemake look at all jobs again a second after
# each look, and each job that ends begins another such series. Other limits are kept.
RateLimiter = snakemake.scheduling.job_scheduler.JobRateLimiter
snakemake.scheduling.job_scheduler.JobRateLimiter = lambda limit: (
    None if limit.max_jobs == 100 else RateLimiter(limit)
)

# Whether a job is stale is what its manifest says.
snakemake.workflow.FilePersistence = asking_manifests(STALENESS)

os.environ.setdefault(VARIABLE, "")
# Snakemake asks for the name of the user, who may have none in a container.
try:
    getpass.getuser()
except (KeyError, OSError):
    os.environ.update(LOGNAME=str(os.getuid()))


envvars:
    VARIABLE,


if not workflow.is_main_process:
    # A campaign is of one code: a submitted job finds what its caller planned, or stops.
    workflow.execute = check_campaign(PLAN, workflow)
elif not workflow.output_settings.dryrun:
    # Dry-runs work beside the call that holds the lock of results/.
    workflow.execute = one_at_a_time(start_campaign(PLAN, workflow.execute))
    seconds = costs_of_jobs(PLAN, workflow)
    snakemake.dag.DAG.stats = saying_the_cost(
        snakemake.dag.DAG.stats, PLAN, seconds, workflow
    )
    if not workflow.output_settings.verbose:
        show_progress(seconds, workflow)
if workflow.is_main_process:
    workflow.execute = with_known_targets(workflow, PLAN, job_of)
