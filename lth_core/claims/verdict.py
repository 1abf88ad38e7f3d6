"""Verdicts on claims, from estimates."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose, isnan
from typing import Any

from lth_core.claims.curve import Missing
from lth_core.claims.estimate import Estimate, estimate, rests_on_cut_off_runs
from lth_core.claims.tables import Tables
from lth_core.config.claims import Accept, Check, Claim, is_pattern

REPRODUCED = "reproduced"
NOT_REPRODUCED = "not reproduced"
INCONCLUSIVE = "inconclusive"
NOT_RUN = "not run"
# From best to worst: a claim is as good as its worst check, and one that is refuted is not
# saved by another that was not run.
VERDICTS = (REPRODUCED, INCONCLUSIVE, NOT_RUN, NOT_REPRODUCED)

# From so many trials on an interval of no width, of trials that agree exactly, decides.
MEANINGFUL = 3

RULES = """\
Each claim has one or more checks. Their tolerances were written down before any run at the paper's
scale; how intervals and sizes are computed has changed since (docs/claims.md lists what that
changed). A check is a number computed from our runs and the values of it that the claim
allows: a tolerance around the paper's value, or the right side of zero where the paper only states
a direction. Its 95 % interval is over trials (a trial is one initialisation with all its rounds;
its replicates are averaged): the number plus and minus t(n-1) sqrt(n/(n-1)) times the standard
deviation of its bootstrap estimates, or as far as the middle 95 % of these reach where that is
further; sizes on a log scale. The check is "reproduced" if the whole interval is allowed, "not
reproduced" if none of it is, and "inconclusive" otherwise, with fewer than two trials, or with two
that agree exactly, which may be chance; exact counts need no interval. At smaller scales it is also
inconclusive where runs end before the event that it measures, such as early stopping.
"Not run" means that results are missing, or that no run can decide. A claim is as good as its worst
check. In checks, trend is the rank correlation of a measure with pruning, order the smallest step
between neighbours, and contrast the difference of two such numbers. Claims are judged one by one,
with no correction for their number: single verdicts near a limit mean little."""


@dataclass(frozen=True)
class Outcome:
    """What became of one check, or of a whole claim."""

    verdict: str
    reason: str
    what: str = ""
    estimate: Estimate | None = None


def judge(claim: Claim, tables: Tables) -> list[Outcome]:
    """Return the outcome of each check of a claim, the worst first."""
    if claim.entry.not_checkable is not None:
        return [Outcome(NOT_RUN, claim.entry.not_checkable)]
    outcomes = [outcome for check in claim.entry.checks for outcome in _spread(check, tables)]
    return sorted(outcomes, key=lambda outcome: -VERDICTS.index(outcome.verdict))


def judge_check(check: Check, tables: Tables) -> Outcome:
    """Return the outcome of one check by the rules in RULES."""
    what = describe(check.statistic)
    try:
        found = estimate(check.statistic, tables)
    except Missing as missing:
        return Outcome(NOT_RUN, str(missing), what)
    judged, reason = verdict(found, check.accept)
    decided = tables.shortened and judged != INCONCLUSIVE
    if decided and rests_on_cut_off_runs(check.statistic, tables, found.value):
        judged, reason = INCONCLUSIVE, f"runs of this scale end before they stop early; {reason}"
    return Outcome(judged, reason, what, found)


def verdict(found: Estimate, accept: Accept) -> tuple[str, str]:
    """Return verdict and reason of an estimate; NaN comes from diverged runs."""
    allowed = f"allowed: {accept}"
    if isnan(found.value):
        return INCONCLUSIVE, "undefined, since runs diverged"
    if found.n is None:
        return REPRODUCED if accept.holds(found.value) else NOT_REPRODUCED, allowed
    if found.low is None or found.high is None:
        return INCONCLUSIVE, f"one trial gives no interval; {allowed}"
    if isnan(found.low) or isnan(found.high):
        return INCONCLUSIVE, "no interval, since runs diverged"
    if found.n < MEANINGFUL and isclose(found.low, found.high, abs_tol=1e-9):
        return INCONCLUSIVE, f"two trials that agree give no spread; {allowed}"
    if accept.holds(found.low) and accept.holds(found.high):
        return REPRODUCED, allowed
    if accept.excludes(found.low, found.high):
        return NOT_REPRODUCED, allowed
    return INCONCLUSIVE, f"the interval crosses a limit; {allowed}"


def describe(statistic: Any) -> str:
    """Return a statistic in a few words, e.g. "value, zero_loss, v1_xor_dense_2, size 2"."""
    parts = [statistic.estimator.replace("_", " ")]
    for key in ("y", "at", "quantity", "architecture", "key", "experiment", "experiments"):
        parts += _words(getattr(statistic, key, None))
    for key in ("layer", "group", "round", "size", "sizes"):
        parts += [f"{key} {word}" for word in _words(getattr(statistic, key, None))]
    if statistic.estimator == "contrast":
        parts += [describe(statistic.first), "against", describe(statistic.second)]
    if statistic.estimator == "order":
        parts += [f"{point.experiment} {_words(point.size)[0]}" for point in statistic.points]
    for key in ("minus", "over"):
        other = getattr(statistic, key, None)
        if other is not None:
            named = [w for k in ("y", "experiment", "size") for w in _words(getattr(other, k))]
            parts.append(f"{key} {' '.join(named)}")
    return ", ".join(parts)


def _spread(check: Check, tables: Tables) -> list[Outcome]:
    """Return the outcomes of a check, one for each experiment where it names a pattern."""
    statistic = check.statistic
    name = getattr(statistic, "experiment", "")
    if not is_pattern(name):
        return [judge_check(check, tables)]
    experiments = tables.names([name])
    if not experiments:
        return [Outcome(NOT_RUN, f"no experiment {name} at this scale", describe(statistic))]
    copies = [statistic.model_copy(update={"experiment": each}) for each in experiments]
    return [judge_check(Check(statistic=c, accept=check.accept), tables) for c in copies]


def _words(value: Any) -> list[str]:
    if value is None or value == "":
        return []
    if isinstance(value, Sequence) and not isinstance(value, str):
        numbers = all(isinstance(item, float) for item in value)
        return [("-" if numbers else " ").join(word for item in value for word in _words(item))]
    return [f"{value:g}" if isinstance(value, float) else str(value)]
