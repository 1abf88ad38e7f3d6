# What the gallery is made of.


def claims_on_all_tables(wildcards):
    """The table of claims, which are judged on the tables that are there when it is asked for."""
    checkpoints.drawn.get()
    return "results/claims.parquet"


def folder_of_figures(wildcards, input):
    """The folder in which all figures lie."""
    return dirname(input.figures[0])
