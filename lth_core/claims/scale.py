"""The scale at which a claim is judged, and what it leaves out."""

from lth_core.config.claims import Claim, matching
from lth_core.config.figure_at_scale import note_of
from lth_core.config.load import Project


def scale_of_claim(project: Project, claim: Claim) -> str:
    """Return e.g. "at scale quick: 8,000 of 50,000 iterations, 2 of 5 trials".

    Empty at paper scale.
    """
    name = project.config.scale
    if name == "paper":
        return ""
    experiments = [*project.paper_experiments, *project.xor.experiments]
    note = note_of(project, matching(claim.experiments, experiments))
    return f"at scale {name}: {note or 'as published'}"
