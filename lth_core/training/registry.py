"""Module and class of each engine, by name.

Names and not import statements: a job's fingerprint covers the engine that it uses, and neither the
others nor this list.
"""

ENGINES = {
    "sparse": ("lth_core.training.sparse.engine", "SparseEngine"),
    "torch": ("lth_core.training.pytorch.engine", "TorchEngine"),
}
