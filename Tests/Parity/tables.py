"""Tables of verdicts, and the databases that hold them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = Path(os.environ.get("VOLFEFE_BINARY", ROOT / ".build/debug/volfefe"))
LABELS = ["positive", "neutral", "negative"]
BINARY = ["positive", "negative"]


@dataclass(frozen=True)
class Table:
    """What models said of contents: model → a label for each content, None where it said nothing.

    `binary` names models that cannot say neutral. `confidences` and `latencies` (milliseconds) are by model
    and content, 0.75 and unknown where they are left out; `links` are the contents whose texts are nothing
    but links; `scores` are by model and content a mapping from label to probability, and stand in for
    confidences; `versions` are by model.
    """

    verdicts: Mapping[str, Sequence[str | None]]
    binary: frozenset[str] = frozenset()
    confidences: Mapping[str, Sequence[float]] = field(default_factory=dict)
    latencies: Mapping[str, Sequence[float]] = field(default_factory=dict)
    scores: Mapping[str, Sequence[Mapping[str, float]]] = field(default_factory=dict)
    links: frozenset[int] = frozenset()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def models(self) -> list[str]:
        """Names of the models, in the order in which volfefe has them."""
        return sorted(self.verdicts)

    @property
    def contents(self) -> int:
        """How many contents there are."""
        return max((len(column) for column in self.verdicts.values()), default=0)

    def complete(self, *models: str) -> list[tuple[str, ...]]:
        """The rows that all of these models have judged (default: all models)."""
        columns = [self.verdicts[model] for model in models or self.models]
        return [row for row in zip(*columns, strict=True) if None not in row]  # type: ignore[misc]

    def scores_of(self, model: str, content: int) -> dict[str, float]:
        """The probabilities behind a verdict."""
        if model in self.scores:
            return dict(self.scores[model][content])
        said = self.verdicts[model][content]
        labels = BINARY if model in self.binary else LABELS
        best = self.confidences[model][content] if model in self.confidences else 0.75
        return {label: best if label == said else (1 - best) / (len(labels) - 1) for label in labels}


def random_table(
    seed: int,
    *,
    contents: int = 60,
    models: int = 3,
    missing: float = 0.0,
    agreement: float = 0.6,
    binary: int = 0,
    weights: Sequence[float] = (0.4, 0.4, 0.2),
) -> Table:
    """Models `a`, `b`, … that say the truth with a probability of `agreement` and otherwise anything.

    The last `binary` of them cannot say neutral; `missing` is the share of cells without a verdict.
    """
    random = np.random.default_rng(seed)
    truth = random.choice(LABELS, size=contents, p=weights)
    names = [chr(ord("a") + number) for number in range(models)]
    limited = frozenset(names[models - binary :])
    verdicts: dict[str, list[str | None]] = {}
    for name in names:
        labels = BINARY if name in limited else LABELS
        said = [
            each if random.random() < agreement and each in labels else random.choice(labels)
            for each in truth
        ]
        verdicts[name] = [None if random.random() < missing else str(label) for label in said]
    confidences = {name: [round(float(x), 4) for x in random.uniform(0.52, 1, contents)] for name in names}
    latencies = {
        name: [round(float(x), 3) for x in random.exponential(12, contents) + 0.01] for name in names
    }
    return Table(verdicts, limited, confidences, latencies)


class Database:
    """A database that holds tables: the models of a table are named `TABLE.MODEL`."""

    def __init__(self, folder: Path, tables: Mapping[str, Table]) -> None:
        self.path = folder / "parity.db"
        self.tables = dict(tables)
        self.folder = folder
        results = folder / "results.jsonl"
        with results.open("w") as file:
            for name, table in self.tables.items():
                for content in range(table.contents):
                    file.write(json.dumps(record(name, table, content)) + "\n")
        if self.tables:
            self.run("results", "import", str(results), "--strict", "--json")

    def run(self, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        """Run volfefe on the database, expecting an exit status."""
        finished = subprocess.run(
            [str(PROGRAM), *arguments, "--database", str(self.path)],
            env={"VOLFEFE_ROOT": str(ROOT), **os.environ},
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
        )
        assert finished.returncode == status, f"{arguments}: {finished.returncode}: {finished.stderr}"
        return finished

    def model(self, table: str, model: str) -> str:
        """The name of a model of a table, as volfefe knows it."""
        return f"{table}.{model}"

    def ask(self, table: str, question: str, *arguments: str, models: Sequence[str] | None = None) -> Any:
        """The answer to a question with `--models`, as JSON: on the models of the table, or some of them."""
        chosen = self.tables[table].models if models is None else models
        names = ",".join(self.model(table, model) for model in chosen)
        return json.loads(self.run(question, *arguments, "--models", names, "--json").stdout)

    def compare(self, table: str, first: str, second: str) -> Any:
        """`volfefe compare` of two models of a table."""
        names = [self.model(table, first), self.model(table, second)]
        return json.loads(self.run("compare", *names, "--json").stdout)


def record(name: str, table: Table, content: int) -> dict[str, Any]:
    """A content of a table as a result map."""
    models: dict[str, Any] = {}
    for model, column in table.verdicts.items():
        said = column[content]
        if said is None:
            continue
        scores = table.scores_of(model, content)
        processing = {"latency_ms": table.latencies[model][content]} if model in table.latencies else {}
        models[f"{name}.{model}"] = {
            "sentiment": said,
            "confidence": scores[said],
            "model_version": table.versions.get(model, "1"),
            "meta": {"raw_scores": scores, "processing": processing},
        }
    is_link = content in table.links
    text = f"https://{name.replace(' ', '-')}.example/{content}" if is_link else f"{name} {content}"
    return {"external_id": f"{name} {content}", "source": "parity", "text": text, "models": models}
