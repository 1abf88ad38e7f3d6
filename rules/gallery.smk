# The gallery: one page with every figure, its claims and what made it.
checkpoint drawn:
    input:
        everything_of(PROJECT.figures),
    output:
        touch(f"{RESULTS}/all_figures"),
    localrule: True
    message:
        "All figures are there, at scale {SCALE}"


def gallery_manifests(wildcards):
    """What the gallery is made of; the claims are judged on the tables that are there by then."""
    checkpoints.drawn.get()
    return manifests_of("gallery")(wildcards)


rule gallery:
    input:
        manifests=gallery_manifests,
        claims=f"{RESULTS}/claims.manifest.json",
    output:
        page=f"{RESULTS}/gallery.html",
        manifest=f"{RESULTS}/gallery.manifest.json",
    log:
        f"{LOGS}/gallery.log",
    benchmark:
        f"{LOGS}/gallery.jsonl"
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        job=told("gallery"),
        code=code("gallery"),
        out=subpath(output.manifest, parent=True),
    message:
        "Writing the gallery of all figures"
    shell:
        do("gallery")
