# Data sets: fetched, verified and stored once; training jobs read the prepared file.
rule dataset:
    output:
        data="results/data/{dataset}.safetensors",
        manifest="results/data/{dataset}.manifest.json",
    log:
        "logs/data/{dataset}.log",
    benchmark:
        "logs/data/{dataset}.jsonl"
    conda:
        "../environment.yml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        root=f"--root {PROJECT.config.data_root}" if PROJECT.config.data_root else "",
        code=fingerprint("lth_core.data.prepare"),
    message:
        "Fetching and verifying {wildcards.dataset}"
    shell:
        "python -m lth_core.data.prepare --dataset {wildcards.dataset} --code {params.code}"
        " --out {output.data} {params.root} > {log} 2>&1"
