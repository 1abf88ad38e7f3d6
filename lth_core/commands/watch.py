"""`lth plan --watch`: shows how far training has got, until it is done."""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from lth_core.commands.shared import RESULTS
from lth_core.costs.jobs import PlannedJob
from lth_core.costs.left import duration, seconds_of_training
from lth_core.costs.plan import SECONDS_A_JOB
from lth_core.costs.watch import Standing, standing
from lth_core.words import plural

LOGS = Path("logs")
_SECONDS = 5  # between two looks


def follow(what: str, jobs: Iterable[PlannedJob], scale: str) -> None:
    """Show how far these jobs have got, and return when all are done.

    A terminal shows a bar; a file or pipe gets a line for each job.
    """
    work = {job: SECONDS_A_JOB + seconds_of_training(job, with_gpu=False) for job in jobs}
    folders = RESULTS / scale / "runs", LOGS / scale / "runs"
    columns = (BarColumn(), TaskProgressColumn("{task.percentage:.1f} %"))
    words = TextColumn("{task.description}")
    with Progress(*columns, words, auto_refresh=False) as bar:
        task, last = bar.add_task("", total=1.0), -1
        while True:
            now = standing(work, *folders, time.time())
            said = f"{what} at scale {scale}: {in_words(now, datetime.now())}"
            bar.update(task, completed=now.share, description=said, refresh=True)
            if not bar.console.is_terminal and now.done != last:
                print(f"{100 * now.share:.1f} % of {said}", flush=True)
                last = now.done
            if now.done == len(work):
                return
            time.sleep(_SECONDS)


def in_words(now: Standing, today: datetime) -> str:
    """Return e.g. "3 jobs done, 1 running, 8 waiting; finished about 14:10, in 2.3 h"."""
    done = f"{now.done:,} {plural('job', now.done)} done"
    said = f"{done}, {now.running:,} running, {now.waiting:,} waiting"
    if now.seconds is None or not now.running + now.waiting:
        return said
    end = today + timedelta(seconds=now.seconds)
    when = f"{end:%H:%M}" if end.date() == today.date() else f"{end:%A %d %B, %H:%M}"
    return f"{said}; finished about {when}, in {duration(now.seconds)}"
