"""Pages of HTML, as templates."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(page: str, **data: Any) -> bytes:
    """Return the page that PAGE.html.j2 makes of `data`; texts are escaped."""
    environment = Environment(
        loader=PackageLoader("lth_core", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(f"{page}.html.j2").render(data).encode()
