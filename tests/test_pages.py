"""The pages people read: their links lead somewhere, and the README's numbers are the published."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PEERS = ("paper/peers.csv", "quick/peers.csv")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "config/*.md", "docs/*.md", "benchmarks/*.md")
    for path in ROOT.glob(pattern)
)
VERDICTS = ["reproduced", "not reproduced", "inconclusive", "not run"]


def anchors(path: Path) -> set[str]:
    """Return what GitHub calls the headings of a page."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    wrong = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?://|\.\./\.\./actions/", link):  # the second is GitHub's own
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(link)
    assert not wrong


def test_no_page_is_unreachable() -> None:
    linked = set(re.findall(r"\]\((?:docs/)?(\w+\.md)\)", README))
    assert {path.name for path in (ROOT / "docs").glob("*.md")} <= linked


def test_the_readme_is_short_and_known_to_the_catalog() -> None:
    assert len(README.splitlines()) <= 200
    assert {"snakemake", "workflow"} <= set(re.findall(r"\w+", README.lower()))
    assert len((ROOT / "config/README.md").read_text(encoding="utf-8").splitlines()) < 300


def published(name: str = "paper/claims.csv") -> list[dict[str, str]]:
    with (ROOT / "results/published" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_readmes_counts_are_the_published() -> None:
    claims = published()
    readings = sum(claim["section"] == "reading" for claim in claims)
    exact = sum(claim["verdict"] == VERDICTS[0] and not claim["n"] for claim in claims)
    counts = Counter(claim["verdict"] for claim in claims)
    texts = [path.read_text() for path in (ROOT / "config/paper/claims").glob("*.yaml")]
    unsettled = sum(text.count("not_checkable:") for text in texts)
    reproduced, *others = (counts[verdict] for verdict in VERDICTS)
    text = " ".join(README.split())
    said = re.search(
        r"Of (\d+) claims \((\d+) statements of the two papers and (\d+) points on their"
        r" curves\),"
        r" (\d+) are reproduced, (\d+) of them by counting what is configured;"
        r" (\d+) are not reproduced,"
        r" (\d+) are inconclusive, and (\d+) await runs, which cannot settle (\d+)",
        text,
    )
    assert said
    assert [int(number) for number in said.groups()] == [
        counts.total(), counts.total() - readings, readings, reproduced, exact, *others, unsettled,
    ]  # fmt: skip


def chapter(claim: dict[str, str]) -> str:
    """Return the first words of the README's row that counts a claim."""
    section, figure = claim["section"], claim["figures"].partition(";")[0]
    if section.startswith("v1"):
        return f"version of 2018, {'XOR' if section == 'v1 XOR' else 'MNIST'}"
    if section == "reading":  # off a figure
        number = int(figure.removeprefix("fig"))
        section = next((s for s, last in zip("1GHI", (25, 31, 37, 45), strict=True)
                        if number <= last))  # fmt: skip
    return f"Appendix {section[0]}" if section[0] in "GHI" else "main text, Appendices B to F"


def test_the_readmes_verdicts_by_chapter_are_the_published() -> None:
    counts: dict[str, Counter[str]] = {}
    for claim in published():
        counts.setdefault(chapter(claim), Counter())[claim["verdict"]] += 1
    counts["beyond the paper"] = Counter(
        small["verdict"] if large["verdict"] == VERDICTS[-1] else large["verdict"]
        for large, small in zip(*map(published, PEERS), strict=True)
    )
    rows = [[cell.strip() for cell in line.split("|")] for line in README.splitlines()]
    said = {row[1]: row[-5:-1] for row in rows if len(row) > 2 and row[1] in counts}
    assert said == {name: [str(of[verdict]) for verdict in VERDICTS] for name, of in counts.items()}


@pytest.mark.parametrize(
    ("claim", "decimals"),
    [("c037", 2), ("c038", 2), ("c036", 1), ("c022", 0), ("c025", 2), ("c035", 0)],
)
def test_the_readmes_intervals_are_the_published(claim: str, decimals: int) -> None:
    [found] = [row for row in published() if row["id"] == claim]
    estimate, low, high = (f"{float(found[k]):.{decimals}f}" for k in ("observed", "low", "high"))
    assert f"| {estimate} ({low}-{high}) | {found['verdict']} |" in README


def test_every_command_of_the_pages_exists() -> None:
    """Each `lth` command in a block has the name of one."""
    from typer.main import get_command

    from lth_core.cli import app

    known = set(get_command(app).commands)  # type: ignore[attr-defined]
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        blocks = re.findall(r"^```(?:sh)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        used = set(re.findall(r"^(?:\$ )?(?:\.venv/bin/)?lth (\w+)", "\n".join(blocks), re.M))
        assert used <= known, page
