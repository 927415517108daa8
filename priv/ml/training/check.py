"""`scripts/train --check`: every step of training on 60 built-in texts, in under a minute."""

import csv
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from training import base as base_model
from training.batches import in_order, load_tokenizer
from training.data import Dataset, Row
from training.export import export
from training.network import Network
from training.recipes import changed, load_recipes
from training.run import judge_shipped
from training.train import Trainer
from volfefe_ml import adapters

TEXTS = Path(__file__).with_name("tiny.tsv")
SETTINGS = ["rank=4", "epochs=6", "batch=10", "learning_rate=2e-3", "averaging=0.5"]
STOP = 17


class CheckError(AssertionError):
    """A step of training that does not do what it should."""


def check() -> int:
    """Train, continue, export, merge and judge; raises CheckError, or prints what was found and returns 0."""
    torch.set_num_threads(1)
    recipe = changed(load_recipes()["minilm_social"], SETTINGS)
    base_dir = adapters.base_directory({"base": base_model.describe()})
    base = base_model.tensors(base_dir)
    rows = tiny_rows(recipe.labels)
    dataset = Dataset(rows, rows, {})
    tokenizer = load_tokenizer(base_dir, recipe.max_tokens)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)

        def trainer(name: str, log: Callable[[str], None] = lambda line: None) -> Trainer:
            torch.manual_seed(recipe.seed)
            network = base_model.trainable_network(recipe, base)
            return Trainer(network, recipe, dataset, tokenizer, work / f"{name}.pt", log)

        whole = trainer("whole", lambda line: print(f"check: {line}", flush=True))
        losses = whole.run().losses
        epoch = whole.steps_per_epoch
        first, last = sum(losses[:epoch]) / epoch, sum(losses[-epoch:]) / epoch
        _require(last < 0.7 * first, f"the loss went from {first:.3f} to {last:.3f}")

        trainer("parts").run(stop_after=STOP)
        torch.manual_seed(recipe.seed + 1)
        continued = trainer("parts")
        _require(continued.resume(), "the checkpoint was not taken up")
        continued.run()
        gap = _largest_difference(whole.network, continued.network)
        _require(
            gap == 0.0, f"a run continued after step {STOP} ends {gap:.1e} away from an uninterrupted one"
        )

        samples = [batch for size in (1, 7, 32) for _, batch in in_order(rows, tokenizer, size)]
        manifest = export(whole.network, recipe, base_dir, base, samples, work / "model")
        again = work / "again"
        again.mkdir()
        digest = adapters.merge(work / "model", base_dir, again)
        _require(manifest["revision"] == f"sha256:{digest}", "merging twice gave different weights")
        report = judge_shipped(work / "model", base_dir, dataset, tokenizer)
        _require(
            report.accuracy > 0.8, f"the shipped model is right on {report.accuracy:.2f} of its own texts"
        )
    print(
        f"check: loss {first:.3f} → {last:.3f}; continued run identical; "
        f"merged graph within {manifest['difference']:.1e} of the network"
    )
    return 0


def tiny_rows(labels: list[str]) -> list[Row]:
    """The built-in texts."""
    with TEXTS.open(encoding="utf-8", newline="") as lines:
        fields = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Row(text, labels.index(label)) for label, text in fields]


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise CheckError(otherwise)


def _largest_difference(one: Network, other: Network) -> float:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)

    def gap(pair: tuple[Tensor, Tensor]) -> float:
        return float((pair[0] - pair[1]).abs().max())

    return max(map(gap, pairs))
