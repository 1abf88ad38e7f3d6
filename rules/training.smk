# Data and training: one job for each round of an experiment and each block of its trials.
from lth_core.arms.loops import training_kind
from lth_core.runs.kept import REMOVED
from rules.cost import asks_for_gpus, minutes_by_cost

RUN = f"{RESULTS}/runs/{{experiment}}/round_{{round}}/{{lanes}}"
RUN_LOG = f"{LOGS}/runs/{{experiment}}/round_{{round}}/{{lanes}}"
MINUTES = minutes_by_cost(PLAN, "gpu" if asks_for_gpus(workflow) else "torch")


CONVOLUTIONAL = {
    name
    for name, experiment in PROJECT.experiments.items()
    if experiment.architecture.convolutional
}


def trained_with(engine, convolutional=False):
    """Pattern of the names of the experiments that an engine trains; may match nothing."""
    names = [name for name, found in PLAN.engines.items() if found == engine]
    if engine == "sparse":
        names = [name for name in names if (name in CONVOLUTIONAL) == convolutional]
    return "|".join(map(re.escape, names)) or "(?!)"


def kept(path):
    """The output, temporary if `keep_checkpoints` is not to keep it."""
    gone = Path(path).name in REMOVED[PROJECT.config.keep_checkpoints]
    return temp(path) if gone else path


def loop(wildcards):
    """The kind of job that trains these runs: `train`, unless they need a loop of their own."""
    return training_kind(job_of("train", wildcards))


# Fetched, verified and stored once, for all scales.
rule dataset:
    output:
        data="results/data/{dataset}.safetensors",
        manifest="results/data/{dataset}.manifest.json",
    log:
        "logs/data/{dataset}.log",
    benchmark:
        "logs/data/{dataset}.jsonl"
    params:
        told=told("dataset"),
    message:
        "Fetching and verifying {wildcards.dataset}"
    shell:
        do("dataset")


# On one core, with the sparse kernel: fully-connected networks.
rule train:
    input:
        reads("train"),
    output:
        weights=kept(f"{RUN}/weights.safetensors"),
        masks=kept(f"{RUN}/masks.safetensors"),
        metrics=f"{RUN}/metrics.parquet",
        manifest=f"{RUN}/manifest.json",
    log:
        f"{RUN_LOG}.log",
    benchmark:
        f"{RUN_LOG}.jsonl"
    wildcard_constraints:
        experiment=trained_with("sparse"),
    resources:
        runtime=MINUTES,
    params:
        loop=loop,
        told=told(loop),
        within="",
    message:
        "Training {wildcards.experiment}, round {wildcards.round}, {wildcards.lanes}"
    shell:
        "{params.within}" + do("{params.loop}")


# Networks with convolutions: the same, but slurm/profile.yaml gives each round a submission of its
# own, since they take hours.
use rule train as train_conv with:
    wildcard_constraints:
        experiment=trained_with("sparse", convolutional=True),
    resources:
        runtime=MINUTES,


# With PyTorch: on a GPU of its own, or on one core where the machine has none.
use rule train as train_torch with:
    wildcard_constraints:
        experiment=trained_with("torch"),
    resources:
        runtime=MINUTES,
        gpu=1,
    params:
        loop=loop,
        told=told(loop),
        within="python -m lth_core.devices.lease -- ",


# The 2018 version's XOR experiments: one job for each round trains all trials side by side.
rule train_xor:
    input:
        reads("train_xor"),
    output:
        weights=f"{RUN}/weights.safetensors",
        masks=f"{RUN}/masks.safetensors",
        metrics=f"{RUN}/metrics.parquet",
        manifest=f"{RUN}/manifest.json",
    log:
        f"{RUN_LOG}.log",
    benchmark:
        f"{RUN_LOG}.jsonl"
    wildcard_constraints:
        experiment=trained_with("xor"),
    params:
        told=told("train_xor"),
    message:
        "Training {wildcards.experiment}, round {wildcards.round}, {wildcards.lanes}"
    shell:
        do("train_xor")
