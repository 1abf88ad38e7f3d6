"""Does one job of any kind: checks its inputs first, writes its manifest last."""

import json
from pathlib import Path

from lth_core.errors import Failure
from lth_core.files import sha256_bytes
from lth_core.jobs.inputs import check_inputs
from lth_core.jobs.kind import Job, code_of, kind, manifest_name, vouch_for
from lth_core.provenance import context, manifest
from lth_core.provenance.fingerprint import bytes_digest
from lth_core.provenance.source import source_of


class OtherCode(Failure):
    """The code is not the one that the job was planned with."""


def run(name: str, job: Job, code: str, out: Path, planned_bytes: str | None = None) -> None:
    """Do `job` of the kind `name`, and leave its files, its context and its manifest in `out`.

    code: the fingerprint that it was planned with. planned_bytes: the `bytes_digest` then, which
    saves working out the fingerprint where it is the same now. Raises OtherCode before anything is
    done where the code has changed since, and BrokenInput where an input is not what its manifest
    says.
    """
    if planned_bytes == bytes_digest():
        vouch_for(name, job, code)
    if code != code_of(name, job):
        raise OtherCode(
            f"the code of `{name}` has changed since Snakemake planned this job; nothing was done."
            " Finished jobs are kept. Undo the change, or call snakemake again: it remakes what the"
            " change made stale."
        )
    job = json.loads(manifest.canonical_json(job))  # in one order, which notebooks show
    path = out / manifest_name(name, job)
    inputs = check_inputs(job)
    source = source_of(name, job, path)  # first: config/ may be edited while the job runs
    module = kind(name)
    path.unlink(missing_ok=True)
    written = module.run(job, out)
    content = manifest.build(name, job, code, inputs, written.outputs, **written.details)
    digest = sha256_bytes(manifest.to_bytes(content))
    sign = getattr(module, "sign", None)
    if sign is not None:  # a figure carries the digest of its manifest
        sign(job, out, digest)
    context.write(path, digest, written.environment, source)
    manifest.write(path, content)
