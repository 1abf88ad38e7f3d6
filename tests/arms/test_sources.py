"""What every source file holds: its settings and one pure function, and nothing else in public."""

import inspect
from typing import Any, Literal, get_args, get_type_hints

import pytest

from lth_core.arms import Factor, module_name, source_module, sources
from lth_core.arms.source import Inputs, MaskSettings, WeightSettings
from lth_core.networks.shapes import Masks, Weights

FACTORS: dict[Factor, tuple[type, Any]] = {
    "masks": (MaskSettings, Masks),
    "weights": (WeightSettings, Weights),
}
SOURCES = [(factor, name) for factor in FACTORS for name in sources(factor)]


@pytest.mark.parametrize(("factor", "name"), SOURCES)
def test_a_source_has_settings_and_a_function(factor: Factor, name: str) -> None:
    module = source_module(factor, name)
    base, result = FACTORS[factor]
    assert module.__doc__ and module.Settings.__doc__ and getattr(module, factor).__doc__
    assert issubclass(module.Settings, base)
    assert get_args(module.Settings.model_fields["source"].annotation) == (name,)
    hints = get_type_hints(getattr(module, factor))
    assert list(hints) == ["settings", "inputs", "return"]
    assert (hints["inputs"], hints["return"]) == (Inputs, result)


@pytest.mark.parametrize(("factor", "name"), SOURCES)
def test_a_source_shows_nothing_else(factor: Factor, name: str) -> None:
    module = source_module(factor, name)
    own = [
        key
        for key, value in vars(module).items()
        if (inspect.isfunction(value) or inspect.isclass(value))
        and value.__module__ == module_name(factor, name)
        and not key.startswith("_")
    ]
    assert own == ["Settings", factor]


@pytest.mark.parametrize(("factor", "name"), SOURCES)
def test_keys_of_a_source_are_described(factor: Factor, name: str) -> None:
    fields = source_module(factor, name).Settings.model_fields
    assert all(field.description for key, field in fields.items() if key != "source")


def test_a_key_at_its_default_is_told_to_the_function_but_is_no_setting_of_the_job() -> None:
    class Settings(WeightSettings):
        source: Literal["louder"]
        times: float = 2.0

    for times, told in ((2.0, {}), (3.0, {"times": 3.0})):
        settings = Settings(source="louder", times=times)
        assert settings.told(1) == {"source": "louder", **told}
        assert Settings.completed(settings.told(1)) == {"source": "louder", "times": times}
