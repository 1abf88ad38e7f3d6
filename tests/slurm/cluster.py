"""A real SLURM of one node, made of Debian's packages: no systemd, no munge, no database.

Two cores pose as eight, and two character devices as GPUs: SLURM schedules both, and sets
CUDA_VISIBLE_DEVICES, as it would with real ones.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from getpass import getuser
from pathlib import Path

import psutil

DAEMONS = ("slurmctld", "slurmd")
CONF = """\
ClusterName=mini
SlurmctldHost=localhost
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/none
AuthInfo=cred_expire=5
CredType=cred/none
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=0
SchedulerType=sched/builtin
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=200
SlurmdParameters=config_overrides
GresTypes=gpu
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=15
MinJobAge=600
NodeName=localhost CPUs=8 RealMemory=16000 Gres=gpu:a100:2 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=9
"""
# The jobs' inner srun is started without the variables of SLURM: this gives it its file back.
SRUN = """\
#!/bin/sh
SLURM_CONF={folder}/slurm.conf exec {srun} "$@"
"""


def missing() -> str:
    """Return why no cluster can be started here, or nothing."""
    lacking = [name for name in (*DAEMONS, "sbatch", "srun") if _which(name) is None]
    return f"{', '.join(lacking)} not installed (Debian: slurm-wlm)" if lacking else ""


class Cluster:
    """A controller and one node, with all their files in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("state", "spool", "log", "bin"):
            (folder / name).mkdir(parents=True)
        ports = [_free_port() for _ in DAEMONS]
        conf = CONF.format(user=getuser(), folder=folder, ports=ports)
        (folder / "slurm.conf").write_text(conf)
        (folder / "gres.conf").write_text(
            "NodeName=localhost Name=gpu Type=a100 File=/dev/tty[0-1]\n"
        )
        (folder / "cgroup.conf").write_text("CgroupAutomount=no\n")
        srun = folder / "bin" / "srun"
        srun.write_text(SRUN.format(folder=folder, srun=_which("srun")))
        srun.chmod(0o755)
        self.environment = {
            "SLURM_CONF": str(folder / "slurm.conf"),
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        }
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start both daemons and wait for the node."""
        self.start_controller()
        self._start("slurmd", "-D", "-N", "localhost")
        self.wait_for("the node to be idle", lambda: self.node_state() == "idle")

    def start_controller(self) -> None:
        """Start the controller, which takes up what an earlier one has saved."""
        self._start("slurmctld", "-D", "-i")

    def stop_controller(self) -> None:
        """Kill the controller; jobs go on."""
        daemon = self._daemons.pop("slurmctld")
        daemon.kill()
        daemon.wait()

    def clear(self) -> None:
        """Make the node and the queue as they were at the start."""
        if "slurmctld" not in self._daemons:
            self.start_controller()
            self.wait_for("the controller", self.node_state)
        if self.node_state().startswith(("down", "drain")):
            self.set_node("resume")
        self.run("scancel", "--user", getuser())
        self.wait_for("all jobs to end", lambda: not self.run("squeue", "-h"))

    def stop(self) -> None:
        """Cancel all jobs and end both daemons, and what they have started."""
        with suppress(subprocess.SubprocessError, AssertionError):
            self.clear()
        for daemon in reversed(list(self._daemons.values())):
            daemon.terminate()
            try:
                daemon.wait(timeout=20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self._daemons.clear()
        self._kill_leftovers()

    def _kill_leftovers(self) -> None:
        """Kill what outlived the node, such as a snakemake whose job was preempted."""
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if str(self.folder / "bin") in process.environ().get("PATH", ""):
                    process.kill()

    def run(self, *command: str) -> str:
        """Run a command of SLURM, which has to succeed, and return what it printed."""
        done = subprocess.run(
            command,
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}"
        return done.stdout.strip()

    def node_state(self) -> str:
        """Return the state of the node, or nothing while the controller doesn't answer."""
        with suppress(AssertionError, subprocess.TimeoutExpired):
            return self.run("sinfo", "-h", "-p", "main", "-o", "%T")
        return ""

    def set_node(self, state: str) -> None:
        """Give the node a state: down, drain or resume."""
        self.run("scontrol", "update", "nodename=localhost", f"state={state}", "reason=test")

    def jobs(self, state: str) -> list[str]:
        """Return the numbers of the jobs in a state."""
        return self.run("squeue", "-h", "-t", state, "-o", "%A").split()

    def wait_for(self, what: str, condition: Callable[[], object], seconds: float = 240) -> None:
        """Wait until `condition` is true."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"waited {seconds} s for {what}\n{self.logs()}"
            time.sleep(0.1)

    def logs(self) -> str:
        """Return the ends of the daemons' logs."""
        logs = sorted((self.folder / "log").iterdir())
        return "\n".join(f"{log.name}:\n{log.read_text()[-3000:]}" for log in logs)

    def _start(self, daemon: str, *options: str) -> None:
        with (self.folder / "log" / f"{daemon}.out").open("ab") as log:
            self._daemons[daemon] = subprocess.Popen(
                [str(_which(daemon)), *options],
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _which(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("localhost", 0))
        port: int = opened.getsockname()[1]
        return port
