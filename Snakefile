# The Lottery Ticket Hypothesis: every run of the paper is one instance of the rule `train`,
# figures are notebooks over what it leaves.
#
#   snakemake --cores 8 all_figures                      every figure, at the scale of the config
#   snakemake --cores 8 --config scale=paper -- fig04    one figure, as published
#   snakemake --cores 8 fig04_partial                    the same, of what has been run so far
#   snakemake --cores 8 gallery                          all figures, the paper's claims, a page of both
from snakemake.utils import min_version

min_version("9.27")


configfile: "config/config.yaml"


include: "rules/common.smk"
include: "rules/hooks.smk"
include: "rules/training.smk"
include: "rules/tables.smk"
include: "rules/figures.smk"
include: "rules/claims.smk"
include: "rules/gallery.smk"
include: "rules/plan.smk"
include: "rules/published.smk"


wildcard_constraints:
    experiment="|".join(map(re.escape, PLAN.engines)),
    figure=f"(?:{'|'.join(PROJECT.figures)})(?:{PARTIAL})?",
    dataset="|".join(map(re.escape, PROJECT.datasets)),
    round=r"\d\d+",
    lanes=r"trial_\d+|trials_\d+-\d+",


localrules:
    all_figures,
    quickstart,


rule all_figures:
    default_target: True
    input:
        expand(rules.figure.output, figure=PROJECT.figures),
    message:
        "All figures are there, at scale {SCALE}"


# What `make quickstart` builds: the paper's main result.
rule quickstart:
    input:
        expand(rules.figure.output, figure=["fig03", "fig04"]),
    message:
        "Figures 3 and 4 are there, at scale {SCALE}"


for name, figure in PROJECT.figures.items():
    for target in (name, f"{name}{PARTIAL}") if has_parts(figure) else (name,):

        rule:
            name:
                target
            input:
                expand(rules.figure.output, figure=target),
            localrule: True
            message:
                f"{target} is there, at scale {SCALE}"
