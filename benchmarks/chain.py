"""Seconds that a whole chain takes: every round of `lenet_imp` through Snakemake, one core.

`python benchmarks/chain.py` runs trial 0 twice, in copies of this checkout: with a tenth and
with a hundredth of the iterations. Time is linear in the iterations, so the two give what a
job costs before and after its training (Snakemake, Python, loading data, writing files) and
what an iteration costs, with its share of the evaluations. The sum is the estimate for the
paper's 50,000 iterations a round.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lth_core.training.sparse.kernel import load_kernel

CHECKOUT = Path(__file__).parent.parent
COPIED = ("Snakefile", "environment.yml", "config", "lth_core", "notebooks", "rules")
DATA = ("mnist.safetensors", "mnist.manifest.json")
EXPERIMENT = "lenet_imp"
ITERATIONS = 50_000  # of the experiment, in each round
SHARES = (0.1, 0.01)


def main() -> None:
    """Run the chains and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--last-round", type=int, default=28)
    arguments = parser.parse_args()
    missing = [name for name in DATA if not (CHECKOUT / "results/data" / name).is_file()]
    if missing:
        sys.exit(f"{missing} missing: run `snakemake --cores 1 results/data/mnist.safetensors`")
    load_kernel()  # its one compilation on this machine is not part of a chain

    rounds = arguments.last_round + 1
    long, short = (chain_seconds(share, arguments.last_round) for share in SHARES)
    training = (long - short) / (SHARES[0] - SHARES[1])  # of all rounds, all iterations
    startup = long - SHARES[0] * training
    print(f"{rounds} rounds of {ITERATIONS * SHARES[0]:,.0f} iterations: {long:.1f} s")
    print(f"{rounds} rounds of {ITERATIONS * SHARES[1]:,.0f} iterations: {short:.1f} s")
    print(f"start-up: {startup:.1f} s in all, {startup / rounds:.2f} s a round")
    print(f"training and evaluation of {ITERATIONS:,} iterations: {training:.0f} s in all")
    print(f"a whole chain of {ITERATIONS:,} iterations a round: {startup + training:.0f} s")


def chain_seconds(share: float, last_round: int) -> float:
    """Return the seconds of `snakemake` for the chain at this share of the iterations."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        copy_checkout(copy)
        scale = f"iterations: {share}\ntrials: 1\nrounds: {last_round}\n"
        (copy / "config/scales/chain.yaml").write_text(scale)
        target = f"results/chain/runs/{EXPERIMENT}/round_{last_round:02d}/trial_0/manifest.json"
        command = [sys.executable, "-m", "snakemake", "--cores", "1", "--config", "scale=chain"]
        started = time.perf_counter()
        done = subprocess.run(
            [*command, "--", target],
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - started
        if done.returncode:
            sys.exit(f"snakemake failed in {copy}:\n{done.stdout}{done.stderr}")
        if not (copy / target).is_file():
            sys.exit(f"snakemake left no {target}")
    return seconds


def copy_checkout(folder: Path) -> None:
    """Copy what a run needs, so that it starts from nothing and leaves nothing behind."""
    for name in COPIED:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.is_file():
            shutil.copy2(source, folder / name)
    (folder / "results/data").mkdir(parents=True)
    for name in DATA:
        shutil.copy2(CHECKOUT / "results/data" / name, folder / "results/data" / name)


if __name__ == "__main__":
    main()
