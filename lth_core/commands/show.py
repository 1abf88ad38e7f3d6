"""`lth show`: prints every setting of an experiment, and where it is written."""

from typing import Annotated

import typer

from lth_core.commands.shared import CONFIG, Scale, columns, project_at
from lth_core.config.errors import unknown_name
from lth_core.config.origin import settings
from lth_core.errors import Failure


def show(
    experiment: Annotated[str, typer.Argument(help="Name of an experiment, such as lenet_imp.")],
    scale: Scale = None,
) -> None:
    """Print every setting of EXPERIMENT and where it comes from.

    That is a file, an experiment that it extends, a default, or the scale.
    """
    project = project_at(scale)
    if experiment in project.xor.experiments:
        raise Failure(f"{experiment}: all settings of XOR experiments are in {CONFIG}/xor.yaml")
    project.check_kept(experiment)
    if experiment not in project.experiments:
        raise unknown_name("show", experiment, project.experiments, "experiment")
    print(f"{experiment} at scale {project.config.scale}")
    print("\n".join(columns(settings(CONFIG, project, experiment))))
