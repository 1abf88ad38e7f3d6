"""The page of all claims: the paper's value, ours, and the picture side by side."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from lth_core.claims.verdict import RULES, VERDICTS

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 82rem;
  padding: 0 1rem; color: #222; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .5rem .6rem;
  border-top: 1px solid #ddd; }
small { color: #666; display: block; }
td img { width: 15rem; display: block; }
.verdict { font-weight: 600; white-space: nowrap; }
.reproduced .verdict { color: #1a7f37; }
.not-reproduced .verdict { color: #b42318; }
.inconclusive .verdict { color: #9a6700; }
.not-run .verdict { color: #777; }
label { margin-right: 1.5rem; }
"""

# Shows the rows that have the chosen verdict and figure.
_SCRIPT = """
const chosen = [...document.querySelectorAll("select")];
function show() {
  const [verdict, figure] = chosen.map(select => select.value);
  for (const row of document.querySelectorAll("tbody tr")) {
    row.hidden = (verdict && row.dataset.verdict !== verdict)
      || (figure && !row.dataset.figures.split(";").includes(figure));
  }
}
chosen.forEach(select => select.addEventListener("change", show));
show();
"""


def render(table: pd.DataFrame, scale: str, pictures: Mapping[str, str], note: str = "") -> str:
    """Return the page as HTML that needs nothing but the pictures.

    table: as from `evaluate`. pictures: path of each figure's picture from the page. note: what
    is to be said of the tables.
    """
    figures = sorted({name for item in table["figures"] for name in item.split(";") if name})
    rows = "\n".join(_row(row, pictures) for row in table.to_dict("records"))
    below = "" if scale == "paper" else (
        f"<p><strong>Made at scale {escape(scale)}, below the paper's own:</strong> verdicts on"
        " runs say what was left out, and hold for what was run.</p>"
    )  # fmt: skip
    return f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Claims</title><style>{_STYLE}</style></head>
<body>
<h1>The paper's claims, and ours</h1>
<p>{counts(table["verdict"])}. {escape(note)}</p>
{below}
<p>{escape(RULES)}</p>
<p>{_select("Verdict", VERDICTS)} {_select("Figure", figures)}</p>
<table>
<thead><tr><th>Claim</th><th>Paper</th><th>Ours</th><th>Verdict</th><th>Figures</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
<script>{_SCRIPT}</script>
</body>
</html>
"""


def counts(verdicts: Iterable[str]) -> str:
    """Return e.g. "335 claims: 47 reproduced, 18 inconclusive, 266 not run, 4 not reproduced"."""
    found = Counter(verdicts)
    by_verdict = ", ".join(f"{found[verdict]} {verdict}" for verdict in VERDICTS)
    return f"{found.total()} claims: {by_verdict}"


def _row(row: Mapping[Hashable, Any], pictures: Mapping[str, str]) -> str:
    text = {key: escape(str(value)) for key, value in row.items()}
    trials = f"n = {int(row['n'])} trials" if pd.notna(row["n"]) else ""
    figures = [name for name in str(row["figures"]).split(";") if name]
    note = f"<small>{text['note']}</small>" if text["note"] else ""
    checks = text["checks"].replace("\n", "<br>")
    return (
        f'<tr class="{text["verdict"].replace(" ", "-")}" id="{text["id"]}"'
        f' data-verdict="{text["verdict"]}" data-figures="{text["figures"]}">'
        f"<td>{text['statement']}<small>{text['id']}, section {text['section']}</small>{note}"
        f"<details><summary>Checks</summary><small>{checks}</small></details></td>"
        f"<td>{text['paper']}<small>{text['unit']}</small></td>"
        f"<td>{text['ours']}<small>{trials}</small></td>"
        f'<td><span class="verdict">{text["verdict"]}</span><small>{text["reason"]}</small>'
        f"<small>{text['scale']}</small></td>"
        f"<td>{''.join(_picture(name, pictures) for name in figures)}</td></tr>"
    )


def _picture(name: str, pictures: Mapping[str, str]) -> str:
    label = escape(name)
    if name not in pictures:
        return f"<small>{label} is not drawn</small>"
    path = escape(pictures[name])
    return f'<a href="{path}"><img src="{path}" alt="{label}" loading="lazy">{label}</a>'


def _select(label: str, choices: Sequence[str]) -> str:
    options = "".join(f"<option>{escape(choice)}</option>" for choice in choices)
    return f'<label>{label} <select><option value="">all</option>{options}</select></label>'
