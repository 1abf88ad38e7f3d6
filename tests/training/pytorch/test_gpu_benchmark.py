import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_without_a_gpu_it_says_so_in_one_line(tmp_path):
    table = tmp_path / "gpu.csv"
    done = subprocess.run(
        [sys.executable, "benchmarks/gpu.py", "--table", str(table), "--train", "1"],
        cwd=ROOT,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1 and not done.stdout and not table.exists()
    [line] = done.stderr.splitlines()
    assert line.startswith("error: PyTorch") and "finds no GPU here" in line
