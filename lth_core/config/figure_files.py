"""The files of config/figures/, as written: which figures there are, on which axes.

Here is what notebooks need as well, and so nothing of the families: a figure is drawn again when
what its notebook imports has changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lth_core.config.errors import ConfigError, Errors, unknown_name
from lth_core.config.files import named_files, read_mapping

FOLDER = "figures"
AXES = "axes.yaml"


@dataclass(frozen=True)
class RawFigure:
    """One figure as written, its axes perhaps by name."""

    file: Path
    settings: Mapping[str, Any]

    @property
    def axes(self) -> list[str]:
        """The names of axes in its panels."""
        return [panel["x"] for panel in self._panels if _names_axis(panel)]

    @property
    def _panels(self) -> list[Any]:
        panels = self.settings.get("panels")
        return panels if isinstance(panels, list) else []

    def on(self, axes: Mapping[str, Any], where: str) -> dict[str, Any]:
        """Return the settings with `axes` in place of their names.

        where: file and key, for the ConfigError of a name that no axis has.
        """
        for name in self.axes:
            if name not in axes:
                raise unknown_name(f"{where}.panels", name, axes, "axis")
        if not self.axes:
            return dict(self.settings)
        panels = [{**p, "x": axes[p["x"]]} if _names_axis(p) else p for p in self._panels]
        return {**self.settings, "panels": panels}


def _names_axis(panel: Any) -> bool:
    return isinstance(panel, dict) and isinstance(panel.get("x"), str)


def read_figures(config: Path, errors: Errors | None = None) -> dict[str, RawFigure]:
    """Return all figures of the folder `config`, by name, as written.

    Raises one ConfigError for all files that are wrong, or leaves it to `errors` where given.
    """
    figures: dict[str, RawFigure] = {}
    found = errors or Errors()
    for path in named_files(config / FOLDER).values():
        entries: dict[str, Any] = {}
        with found.gathered("figure"):
            entries = read_mapping(path)
        for name, settings in entries.items():
            with found.gathered("figure", name):
                _add(figures, path, name, settings)
    if errors is None:
        found.raise_found()
    return figures


def _add(figures: dict[str, RawFigure], path: Path, name: str, settings: Any) -> None:
    if not isinstance(settings, dict):
        raise ConfigError(f"{path}: {name}: found {settings!r}, should be a mapping")
    if name in figures:
        raise ConfigError(f"{path}: {name!r} is in {figures[name].file} already")
    figures[name] = RawFigure(path, settings)


def figure_of(config: Path, name: str) -> dict[str, Any]:
    """Return one figure of the folder `config`, its axes in place of their names."""
    figures = read_figures(config)
    if name not in figures:
        raise unknown_name(str(config / FOLDER), name, figures, "figure")
    where = f"{figures[name].file}: {name}"
    return figures[name].on(read_mapping(config / AXES), where)
