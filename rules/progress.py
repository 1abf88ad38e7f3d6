"""Progress of a call in the terminal: a line for each finished job, and the time left.

Snakemake's own log, in .snakemake/log, still has everything.
"""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from snakemake.logging import DefaultFormatter, get_event, logger
from snakemake_interface_logger_plugins.common import LogEvent

from lth_core.costs.left import TimeLeft

# What says nothing about any job.
_CHATTER = ("Assuming ", "Building DAG", "Select jobs", "Using shell")
_HIDDEN = {
    *(LogEvent.WORKFLOW_STARTED, LogEvent.RESOURCES_INFO, LogEvent.GROUP_INFO),
    *(LogEvent.JOB_STARTED, LogEvent.JOB_FINISHED),
}


def show_progress(seconds: Callable[[], Mapping[int, float]], workflow: Any) -> None:
    """Let the terminal show how `workflow` gets on, unless a logger plugin writes to it.

    seconds: tells roughly how long each of its jobs takes, by number.
    """
    for handler in logger.handlers:
        if handler.name == "DefaultStreamHandler":
            progress = _Progress(seconds, workflow)
            handler.setFormatter(progress)
            handler.filters.insert(0, progress)


class _Progress(DefaultFormatter):
    """Says of each record whether the terminal shows it, and how."""

    def __init__(self, seconds: Callable[[], Mapping[int, float]], workflow: Any) -> None:
        settings = workflow.output_settings
        super().__init__(settings.quiet, settings.show_failed_logs)
        self._seconds = seconds
        self._begun: dict[int, dict[str, Any]] = {}  # what is known of a job, by its number
        self._ended: list[int] = []  # the jobs of the submission that is ending
        self._left = TimeLeft({})
        self._last = ""

    def filter(self, record: logging.LogRecord) -> bool:
        """Take note of what happens, and return whether the terminal may show it."""
        event, told = get_event(record), vars(record)
        if event is None:
            repeated, self._last = record.msg == self._last, str(record.msg)
            return not repeated and not self._last.startswith(_CHATTER)
        if event == LogEvent.RUN_INFO:
            self._left = TimeLeft(self._seconds())
        elif event == LogEvent.JOB_STARTED:
            self._left.begin(len(told["jobs"]))
        elif event == LogEvent.JOB_INFO:
            self._begun[told["jobid"]] = told
            # What begins is shown until there are results to show; but not the whole of a group.
            return not self._left.ended and not told["indent"]
        elif event == LogEvent.JOB_FINISHED:
            self._ended.append(told["job_id"])
        return event not in _HIDDEN

    def format_job_info(self, msg: dict[str, Any]) -> str:
        """Return what a job is going to do."""
        return str(msg["rule_msg"])

    def format_progress(self, msg: dict[str, Any]) -> str:
        """Return what came out of the jobs of a submission that has ended, and the time left."""
        self._left.end(self._ended)
        first = msg["done"] - len(self._ended) + 1
        lines = [
            f"[{number} of {msg['total']}] {text}"
            for number, job in enumerate(self._ended, start=first)
            for text in _results(self._begun.pop(job))
        ]
        self._ended.clear()
        left = self._left.words()
        return "\n".join(lines) + (f" ({left})" if left else "")


def _results(job: Mapping[str, Any]) -> list[str]:
    """Return what the log of a job says of its experiment or data set, or else its message."""
    names = tuple(f"{name}{end}" for name in job["wildcards"].values() for end in ":,")
    said = [line for path in job["log"] for line in _lines(Path(path)) if line.startswith(names)]
    return said or [str(job["rule_msg"])]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # there is none, or a network file system is late
        return []
