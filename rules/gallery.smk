# The gallery: one page with every figure, its claims and what made it.
checkpoint drawn:
    input:
        expand(rules.figure.output, figure=PROJECT.figures),
    output:
        touch(f"{RESULTS}/all_figures"),
    localrule: True
    message:
        "All figures are there, at scale {SCALE}"


def gallery_reads(wildcards):
    """What the gallery is made of, when it is there: all figures, then the claims on their tables."""
    checkpoints.drawn.get()
    checkpoints.claims.get()
    return reads("gallery")(wildcards)


rule gallery:
    input:
        gallery_reads,
    output:
        page=f"{RESULTS}/gallery.html",
        manifest=f"{RESULTS}/gallery.manifest.json",
    log:
        f"{LOGS}/gallery.log",
    benchmark:
        f"{LOGS}/gallery.jsonl"
    params:
        told=told("gallery"),
    message:
        "Writing the gallery of all figures"
    shell:
        do("gallery")
