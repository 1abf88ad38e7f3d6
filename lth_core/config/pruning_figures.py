"""Lines against the size of the pruned network: the family `pruning_curves`, and its base."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import AfterValidator, Field, field_validator, model_validator

from lth_core.config.block import Block, Pair
from lth_core.config.figure import (
    AxisText,
    Colour,
    Figure,
    Limits,
    SeriesText,
    Text,
    colours_from,
    drawable,
    given_once,
    named_once,
)
from lth_core.config.patience import Patience
from lth_core.tables.columns import MEASURES

Column = Literal[
    "test_accuracy",
    "validation_accuracy",
    "early_stop_iteration",
    "early_stop_iteration_test",
    "convergence_iteration",
    "patience_iteration",
    "validation_accuracy_at_early_stop",
    "test_accuracy_at_early_stop",
    "train_accuracy_at_early_stop",
    "test_accuracy_at_early_stop_test",
    "end_test_accuracy",
    "end_train_accuracy",
    "locality",
    "connected_units",
    "mask_distance",
    "mask_overlap",
]


class XAxis(Block):
    """The horizontal axis of a panel over network sizes; the dense network is at the left."""

    quantity: Literal["percent_remaining", "weights_remaining"] = Field(
        description="Column of the summary table; weights are drawn in thousands."
    )
    label: Text = Field(description="Text below the axis.")
    scale: Literal["log", "linear"] = Field("log", description="Spacing of the axis.")
    limits: Annotated[Pair, AfterValidator(drawable)] | None = Field(
        None,
        description="Left and right end, as in the paper; widened where there is data beyond."
        " Those of the data where not given.",
    )
    ticks: list[float] | None = Field(
        None,
        description="Labelled positions, as in the paper; as many sizes of the networks as there"
        " is room for where not given.",
    )

    @model_validator(mode="after")
    def _ticks_are_on_the_axis(self) -> Self:
        ends = self.limits or ()
        ticks = self.ticks or []
        if self.scale == "log" and min(ends, default=1) <= 0:
            raise ValueError(f"limits: found {list(ends)}, should be above 0 on a log axis")
        if self.scale == "log" and min(ticks, default=1) <= 0:
            raise ValueError(f"ticks: found {min(ticks):g}, should be above 0 on a log axis")
        outside = [tick for tick in ticks if ends and not min(ends) <= tick <= max(ends)]
        if outside:
            raise ValueError(f"ticks: {outside[0]:g} is outside the limits {list(ends)}")
        return self

    @property
    def per_unit(self) -> int:
        """How much of `quantity` is 1 on the axis."""
        return 1000 if self.quantity == "weights_remaining" else 1


class PruningSeries(Block):
    """One line, or one for each of `points` or for each trial: the mean over the runs of an
    experiment, with bars from minimum to maximum."""

    experiment: str = Field(
        description="Experiment whose runs are drawn; {point} is filled in from `points`."
    )
    label: SeriesText = Field(
        "{point}", description="Text in the legend; {point} and {trial} likewise."
    )
    colour: Colour = Field(
        description="Colour of the line; where there are several, of the first, and the others"
        " follow in the order of the palette."
    )
    dashed: bool = Field(False, description="Draw a dashed line.")
    points: list[str | float] | None = Field(
        None, min_length=1, description="Points of a sweep, in legend order: a line for each."
    )
    each_trial: bool = Field(
        False,
        description="Draw a line for each trial: the mean over its replicates. All have one colour"
        " where `label` doesn't tell them apart by {trial}.",
    )

    @field_validator("points", mode="before")
    @classmethod
    def _points_are_text(cls, value: Any) -> Any:
        """Take points as names: the rate 0.0001 names the experiment `..._0.0001`."""
        return [str(point) for point in value] if isinstance(value, list) else value

    @model_validator(mode="after")
    def _point_is_used(self) -> Self:
        if ("{point}" in self.experiment) != (self.points is not None):
            raise ValueError("`points` and {point} in `experiment` go together")
        if self.points is None and "{point}" in self.label:
            raise ValueError("the key label is missing, and has no default without `points`")
        if "{trial}" in self.label and not self.each_trial:
            raise ValueError("{trial} in `label` needs the key `each_trial`")
        return self

    @property
    def lines(self) -> list[Self]:
        """The series of each point; itself where it has no points."""
        if self.points is None:
            return [self]
        colours = colours_from(self.colour, len(self.points))
        return [
            self.model_copy(
                update={
                    "experiment": self.experiment.replace("{point}", str(point)),
                    "label": self.label.replace("{point}", str(point)),
                    "colour": colour,
                    "points": None,
                }
            )
            for point, colour in zip(self.points, colours, strict=True)
        ]


class PruningPanel(Block):
    """One plot against the size of the pruned network."""

    name: str = Field(
        description="Name of the panel in the CSV, and in config/paper/curves/ where it is there."
    )
    title: Text = Field("", description="Text above the panel.")
    x: XAxis = Field(description="The horizontal axis, or the name of one in config/axes.yaml.")
    y: Column = Field(
        description="Column of the summary table; or, with `at`, `test_accuracy` or"
        " `validation_accuracy`; of `mask_maps`, `locality` or `connected_units`; of"
        " `mask_distances`, `mask_distance` or `mask_overlap`."
    )
    at: int | None = Field(
        None, ge=0, description="Iteration of the paper at which `y` is read; scales shrink it."
    )
    label: AxisText = Field(
        description="Text beside the vertical axis; {iterations} is the last iteration of the"
        " runs, {at} the one at which `y` is read."
    )
    limits: Limits | None = Field(
        None,
        description="Range of the vertical axis in the paper, widened to hold a line of which"
        " more than half lies outside; that of the data where not given.",
    )
    experiments: list[str] | None = Field(
        None,
        min_length=1,
        description="Only the series of these experiments, as written there; all where not given.",
    )

    @model_validator(mode="after")
    def _iteration_is_given(self) -> Self:
        if (self.y in ("test_accuracy", "validation_accuracy")) != (self.at is not None):
            raise ValueError("`at` goes with the y `test_accuracy` or `validation_accuracy`")
        if self.at is None and "{at}" in self.label:
            raise ValueError("label: {at} needs the key `at`")
        return self

    @property
    def column(self) -> str:
        """Column of the runs' table that is drawn."""
        return self.y if self.at is None else f"{self.y}_at_{self.at}"


class SizeCurves(Figure):
    """Lines against the size of the pruned network.

    table: the one that holds what its panels draw.
    """

    table: ClassVar[str] = "summary"
    series: list[PruningSeries] = Field(min_length=1, description="Lines, in legend order.")
    panels: list[PruningPanel] = Field(
        min_length=1, max_length=100, description="Plots, row by row."
    )
    legend: Literal["figure", "row"] = Field(
        "figure",
        description="One legend above all panels, or one to the right of each row where rows have"
        " lines of their own.",
    )

    @model_validator(mode="after")
    def _panels_name_series(self) -> Self:
        named_once(self.panels)
        for panel in self.panels:
            unknown = set(panel.experiments or []) - {s.experiment for s in self.series}
            if unknown:
                names = ", ".join(sorted(unknown))
                raise ValueError(f"panel {panel.name} names experiments without a series: {names}")
            for kind in (True, False):  # an experiment may have its mean, and a line for each trial
                lines = [s.experiment for s in self.shown(panel) if s.each_trial == kind]
                given_once(f"panel {panel.name}", lines)
        return self

    @model_validator(mode="after")
    def _panels_draw_what_is_in_the_table(self) -> Self:
        there = [y for y in get_args(Column) if MEASURES[y].table == self.table]
        for panel in self.panels:
            if panel.y not in there:
                raise ValueError(
                    f"panel {panel.name}: y: found {panel.y}, should be one of {', '.join(there)}"
                )
        return self

    def _experiments(self) -> Iterable[str]:
        return (line.experiment for series in self.series for line in series.lines)

    def shown(self, panel: PruningPanel) -> list[PruningSeries]:
        """Return the lines of a panel, in legend order."""
        chosen = panel.experiments
        series = [s for s in self.series if chosen is None or s.experiment in chosen]
        return [line for s in series for line in s.lines]


class PruningCurves(SizeCurves):
    """Lines against the size of the pruned network (Figures 1, 4-10, 12-14, 17, 18, 25-45)."""

    notebook: Literal["pruning_curves"]
    patience: Patience | None = Field(
        None, description="How the `patience_iteration` of its panels stops."
    )

    @model_validator(mode="after")
    def _patience_is_given(self) -> Self:
        drawn = any(panel.y == "patience_iteration" for panel in self.panels)
        if drawn != (self.patience is not None):
            raise ValueError("`patience` and the y `patience_iteration` of a panel go together")
        return self
