# Jobs' own processes and dry-runs work beside the call that holds the folder's lock.
from rules.lock import one_at_a_time

if workflow.is_main_process and not workflow.output_settings.dryrun:
    workflow.execute = one_at_a_time(workflow.execute)
