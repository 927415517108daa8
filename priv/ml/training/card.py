"""Model cards, written from what runs recorded."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import yaml

from training import base

SOURCES = Path(__file__).with_name("sources.yaml")
METRICS = {"accuracy": "accuracy", "macro_f1": "macro F1", "macro_recall": "macro recall"}

Entry = Mapping[str, Any]


def card(manifest: Entry, tried: Sequence[Entry], size: int) -> str:
    """The Markdown of a model's card. `tried`: its runs in experiments.jsonl; `size`: bytes of its files."""
    trained = manifest["training"]
    source = yaml.safe_load(SOURCES.read_text())[trained["recipe"]["dataset"]]
    sections = [
        _head(manifest, source, size),
        _figures(trained, source),
        _data(trained, source),
        _recipe(trained, manifest),
        _tried(trained, tried, source["metric"]),
        _limits(source),
    ]
    return "\n\n".join(sections) + "\n"


def _head(manifest: Entry, source: Entry, size: int) -> str:
    origin, tokens = manifest["base"], manifest["training"]["recipe"]["max_tokens"]
    labels = ", ".join(f"`{label}`" for label in manifest["labels"])
    return f"""# {manifest["id"]}

Judges {source["task"]}: {labels}. Written by `scripts/train`, which measured what ships.

- **Base**: {base.NAME}, {base.LICENCE}, as shipped in `{origin["distribution"]}=={origin["version"]}`
  (SHA-256 of its weights `{origin["sha256"]}`).
- **This folder**: the graph without weights and an adapter, {size / 1e6:.2f} MB: updates of rank
  {manifest["rank"]} on every linear layer of the encoder and the pooler, changes of biases and layer norms,
  and a new classifier. First use merges them with the base: 91 MB, fp32.
- **Revision** (SHA-256 of the merged weights, the same on every machine): `{manifest["revision"]}`
- **Input**: English text, at most 512 tokens; trained on the first {tokens}."""


def _figures(trained: Entry, source: Entry) -> str:
    dev = trained["dev"]
    labels: list[str] = dev["labels"]
    verdict = "reached" if dev[source["metric"]] >= source["aim"] else "not reached"
    overall = ", ".join(f"{name} **{dev[key]:.3f}**" for key, name in METRICS.items())
    by_class = [
        [f"`{label}`", *(f"{row[key]:.3f}" for key in ("precision", "recall", "f1")), str(row["support"])]
        for label, row in dev["by_class"].items()
    ]
    confusion = [[f"`{label}`", *map(str, row)] for label, row in zip(labels, dev["confusion"], strict=True)]
    return f"""## Figures on the dev set

{overall} (aim: {METRICS[source["metric"]]} ≥ {source["aim"]:.2f}, {verdict}).
Measured on the merged fp32 model run by ONNX Runtime. Settings were chosen on this set, so the figures are a
little flattering; no test set was looked at.

{_table(["label", "precision", "recall", "F1", "texts"], by_class)}

Confusion (rows: gold, columns: said):

{_table(["", *(f"`{label}`" for label in labels)], confusion)}

Expected calibration error of the top score (15 bins): {dev["calibration_error"]:.3f}."""


def _data(trained: Entry, source: Entry) -> str:
    rows = [[item["name"], item["files"], item["licence"]] for item in source["data"]]
    counts = [
        [part, *map(str, labels.values()), str(sum(labels.values()))]
        for part, labels in trained["rows"].items()
    ]
    names = [f"`{label}`" for label in trained["dev"]["labels"]]
    removed = ", ".join(f"{count} {reason}" for reason, count in trained["removed"].items() if count)
    notes = "\n".join(f"- {note.strip()}" for note in source["notes"])
    return f"""## Data

{_table(["set", "files", "licence"], rows)}

Rows that were used:

{_table(["", *names, "all"], counts)}

Removed from the training rows: {removed or "none"}.

{notes}"""


def _recipe(trained: Entry, manifest: Entry) -> str:
    settings = {
        key: value for key, value in trained["recipe"].items() if key not in ("id", "labels", "dataset")
    }
    shown = ", ".join(f"{key} {_shown(value)}" for key, value in settings.items())
    return f"""## Recipe

AdamW; linear warm-up, then a cosine to zero; gradients clipped at 1; batches of similar length; the running
average of the parameters is what ships. {shown}; update scaling {manifest["scaling"]:g};
arithmetic {trained["arithmetic"]}.

{trained["cpu_minutes"]:g} CPU minutes on {trained["machine"]}.
The run is seeded: the same machine, versions and data give the same result.
The merged graph's logits are within {trained["difference"]:.0e} of the network's.

    scripts/train --model {manifest["id"]} --data DIR"""


def _tried(trained: Entry, tried: Sequence[Entry], metric: str) -> str:
    rows = []
    for run in tried:
        settings = run["settings"].items()
        changes = [f"{key} {_shown(value)}" for key, value in settings if value != trained["recipe"][key]]
        figures = ["" if run[key] is None else f"{run[key]:.3f}" for key in METRICS]
        rows.append(
            [run.get("note") or ", ".join(changes) or "as shipped", *figures, f"{run['cpu_minutes']:g}"]
        )
    text = f"""## What was tried

{_table(["change", *METRICS.values(), "CPU minutes"], rows)}"""
    seeds = [
        run[metric]
        for run in tried
        if not run.get("note") and _before_offsets(run["settings"]) == _before_offsets(trained["recipe"])
        if not run["settings"]["offsets"]
    ]
    if len(seeds) > 1:
        spread, each = stdev(seeds), ", ".join(f"{value:.3f}" for value in seeds)
        text += f"""

Retraining with another seed, before any offsets: {METRICS[metric]} {each}
(mean {mean(seeds):.3f}, standard deviation {spread:.3f})."""
    else:
        text += """

How much another seed changes was measured on the sibling models; see their cards."""
    return text


def _before_offsets(settings: Entry) -> Entry:
    """The settings but for the seed and for what is added after training."""
    return {**settings, "seed": 0, "offsets": None}


def _limits(source: Entry) -> str:
    return f"""## Limits

- Domain: {source["domain"]}. Elsewhere it is worse than the figures above, and nothing here says by how much.
- English only; other languages get confident nonsense. Irony, quotes and comparisons are often misread.
- Texts beyond a few sentences are outside what it was trained on, and get one verdict for all of it.
- It judges how a text sounds, not whether it is true, nor what its author thinks. Not for decisions about
  people, and no advice on investments.
- Annotators disagree, and the sources have biases of time, topic and dialect; the model has learned them.
- The training texts are not in these files. Their terms, above, bind whoever trains on them again; whoever
  uses the model should judge whether they bind that use too."""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " + ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
