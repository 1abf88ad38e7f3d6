# What everything would cost, before it is run; `lth plan` tells it of a figure or a family.
rule plan:
    log:
        f"{LOGS}/plan.txt",
    localrule: True
    conda:
        "../environment.yml"
    params:
        config=[
            f"--config {key}={value}"
            for key, value in PROJECT.config.model_dump(exclude_none=True).items()
        ],
        cores=workflow.cores,
    message:
        "Measuring how fast this machine is"
    shell:
        "python -m lth_core.commands.plan all {params.config} --cores {params.cores}"
        " 2>&1 | tee {log}"
