# Cost of everything, before it is run; `lth plan` gives that of a figure or a family.
rule plan:
    log:
        f"{LOGS}/plan.txt",
    localrule: True
    params:
        config=[
            word
            for key, value in PROJECT.config.model_dump(exclude_none=True).items()
            for word in ("--config", f"{key}={value}")
        ],
        cores=lambda wildcards: workflow.cores,
    message:
        "Measuring how fast this machine is"
    shell:
        "python -m lth_core.cli plan all {params.config:q} --cores {params.cores}"
        " 2>&1 | tee {log:q}"
