# What the claims are judged on.
from lth_core.claims.rests_on import config_files


def existing_tables(wildcards):
    """Manifests of the tables that are there at this scale, of experiments that it has."""
    names = [*PROJECT.experiments, *PROJECT.xor.experiments]
    paths = [
        Path(folder, name, "manifest.json")
        for folder in (TABLES, DISTRIBUTIONS)
        for name in names
    ]
    return [str(path) for path in paths if path.is_file()]


def claims_config(wildcards):
    """The files of the config that verdicts rest on."""
    return [str(path) for path in config_files(Path("config"))]


def existing_pictures(wildcards):
    """Names of the figures that are drawn; a new one brings the page up to date."""
    return [
        name
        for name in PROJECT.figures
        if Path("results/figures", f"{name}.png").is_file()
    ]
