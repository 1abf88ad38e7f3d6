# What is published.
PUBLISHED = "results/published/{scale}/figures/{figure}"
DRAWN_AGAIN = "logs/published/{scale}/{figure}.drawn"


def published_figures(wildcards):
    """What says of each published figure that it was drawn again."""
    scales, figures = glob_wildcards(f"{PUBLISHED}.manifest.json")
    return expand(DRAWN_AGAIN, zip, scale=scales, figure=figures)
