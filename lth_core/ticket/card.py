"""The model card of an exported ticket, with the header that the Hugging Face hub reads."""

from collections.abc import Mapping
from typing import Any

import yaml

from lth_core.networks.shapes import weight_layers
from lth_core.ticket.accuracy import Accuracy
from lth_core.ticket.value import Ticket

_USE = """\
## Use

`mask.safetensors` holds bool arrays, `initial.safetensors` the float32 weights that training
started from{trained}; `config.json` has all settings.

```python
from lth_core.ticket import read

ticket = read("FOLDER")  # of these files; lth_core is the package that wrote them
module = ticket.module()  # torch.nn.Module; pruned weights stay zero
```

Inputs are images of shape {input}, scaled as `{scaling}` in the pipeline (`unit`: divided by 255).
"""


def card(ticket: Ticket, accuracies: Mapping[str, Accuracy | None], trained: bool) -> str:
    """Return the text of README.md.

    accuracies: by what they are, such as "at the end". trained: whether trained weights are there.
    """
    settings = ticket.settings
    name = f"{ticket.experiment}, round {ticket.round}, trial {ticket.trial}"
    name += f", replicate {ticket.replicate}" if ticket.replicate else ""
    rows = {
        "network": _network(settings["network"]),
        "weights": _weights(ticket),
        "mask, starting weights": f"{settings['mask']['source']}, {settings['weights']['source']}",
        "data": settings["dataset"]["name"],
        "training": _training(settings),
        **{f"test accuracy {when}": _accuracy(found) for when, found in accuracies.items()},
        "scale": ticket.scale,
        "seed, trial": f"{settings['seed']}, {ticket.trial}",
        "provenance": f"sha256 {ticket.provenance} of the run's manifest",
        "licence": "MIT; the data are not included",
    }
    table = "\n".join(
        ["| | |", "|---|---|", *(f"| {key} | {text} |" for key, text in rows.items())]
    )
    use = _USE.format(
        trained=", `trained.safetensors` those at its end" if trained else "",
        input=settings["network"]["input"],
        scaling=settings["dataset"]["scaling"],
    )
    return (
        f"---\n{_header(ticket, name, accuracies)}---\n\n# {name}\n\n"
        "A subnetwork of a reproduction of *The Lottery Ticket Hypothesis: Finding Sparse,"
        " Trainable Neural Networks* (Frankle & Carbin, ICLR 2019).\n\n"
        f"{table}\n\n{use}"
    )


def _header(ticket: Ticket, name: str, accuracies: Mapping[str, Accuracy | None]) -> str:
    data = ticket.settings["dataset"]["name"]
    metrics = [
        {"type": "accuracy", "name": f"test accuracy {when}", "value": round(found.own, 4)}
        for when, found in accuracies.items()
        if found
    ]
    header: dict[str, Any] = {
        "license": "mit",
        "library_name": "pytorch",
        "pipeline_tag": "image-classification",
        "datasets": [data],
        "tags": ["lottery-ticket", "pruning", "sparsity"],
    }
    if metrics:
        task = {"type": "image-classification"}
        result = {"task": task, "dataset": {"name": data, "type": data}, "metrics": metrics}
        header["model-index"] = [{"name": name, "results": [result]}]
    return yaml.safe_dump(header, sort_keys=False)


def _network(network: Mapping[str, Any]) -> str:
    parts = [
        " ".join([layer["type"].replace("_", " "), *(str(layer[k]) for k in _SIZES if k in layer)])
        for layer in network["layers"]
    ]
    return f"{network['input']}, {', '.join(parts)}, output {network['classes']}"


_SIZES = ("units", "filters", "size", "rate")


def _weights(ticket: Ticket) -> str:
    total = sum(layer.size for layer in weight_layers(dict(ticket.settings["network"])))
    kept = sum(int(mask.sum()) for mask in ticket.mask.values())
    return f"{kept:,} of {total:,} ({ticket.percent_remaining:.1f} %)"


def _training(settings: Mapping[str, Any]) -> str:
    training, taught = settings["training"], settings.get("distillation")
    text = (
        f"{training['iterations']:,} iterations of {training['batch_size']} examples,"
        f" {training['optimizer']}, learning rate {training['learning_rate']:g}"
    )
    if taught is None:
        return text
    return f"{text}, distilled: alpha {taught['alpha']:g}, temperature {taught['temperature']:g}"


def _accuracy(found: Accuracy | None) -> str:
    if found is None:
        return "not kept"
    trials = found.trials
    mean, low, high = (100 * x for x in (sum(trials) / len(trials), min(trials), max(trials)))
    others = f"; mean {mean:.2f} % ({low:.2f}-{high:.2f}), n = {len(trials)} trials"
    return f"{100 * found.own:.2f} %{others if len(trials) > 1 else ', n = 1 trial'}"
