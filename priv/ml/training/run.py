"""One model from data to files: train, export, judge what ships, record."""

import json
import platform
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

from training import base as base_model
from training.batches import in_order, load_tokenizer
from training.card import card
from training.data import DATASETS, DataError, Dataset
from training.evaluate import Report, judge
from training.export import export, write_manifest
from training.network import Network
from training.recipes import Recipe, changed
from training.reports import report_rows
from training.train import Trainer, fast_dtype
from volfefe_ml import adapters

EXPERIMENTS = Path(__file__).with_name("experiments.jsonl")


def train_model(
    recipe: Recipe, assignments: list[str], data: Path, out: Path, work: Path, resume: bool, trial: bool
) -> None:
    """Train a recipe and write its model to `out`/<id>; a trial only appends to experiments.jsonl."""
    if not data.is_dir():
        raise DataError(f"There is no folder {data} with labelled texts; --data names one.")
    recipe = changed(recipe, assignments)
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    base_dir = adapters.base_directory({"base": base_model.describe()})
    base = base_model.tensors(base_dir)
    network = base_model.trainable_network(recipe, base)
    if recipe.start:
        _lay_start(network, recipe, base, [work / recipe.start, out / recipe.start])
    network.compute = fast_dtype()
    dataset = DATASETS[recipe.dataset](data)
    dataset.train.extend(report_rows(recipe.labels, recipe.reports))
    tokenizer = load_tokenizer(base_dir, recipe.max_tokens)
    name = "-".join([recipe.id, *assignments]).replace("/", "_")
    work.mkdir(parents=True, exist_ok=True)
    started = time.strftime("%H:%M:%S")

    def log(line: str) -> None:
        print(f"{name} {line}", flush=True)

    log(f"{len(dataset.train)} rows, started {started}")
    trainer = Trainer(network, recipe, dataset, tokenizer, work / f"{name}.pt", log)
    if resume:
        trainer.resume()
    progress = trainer.run()
    if recipe.offsets:
        with torch.no_grad():
            network.classifier.bias.add_(torch.tensor(recipe.offsets))
    samples = [batch for _, batch in list(in_order(dataset.dev[:64], tokenizer, 7))]
    folder = work / name if trial or not recipe.shipped else out / recipe.id
    manifest = export(network, recipe, base_dir, base, samples, folder)
    report = judge_shipped(folder, base_dir, dataset, tokenizer)
    error, gap = report.calibration_error, manifest["difference"]
    log(f"shipped: dev {report.summary()}  ECE {error:.4f}  Δlogit {gap:.1e}")
    record(recipe, report, progress.cpu_seconds)
    if trial or not recipe.shipped:
        return
    manifest["training"] = {
        "recipe": recipe.settings(),
        "rows": counts(dataset, recipe),
        "removed": dataset.removed,
        "dev": asdict(report),
        "cpu_minutes": round(progress.cpu_seconds / 60, 1),
        "arithmetic": str(network.compute).removeprefix("torch."),
        "machine": f"{platform.machine()}, 1 thread, torch {torch.__version__}",
        "difference": manifest["difference"],
    }
    write_manifest(manifest, folder)
    write_card(recipe, out)


def _lay_start(network: Network, recipe: Recipe, base: dict[str, Tensor], folders: list[Path]) -> None:
    folder = next((folder for folder in folders if (folder / adapters.MANIFEST).is_file()), None)
    if folder is None:
        raise DataError(f"{recipe.id} starts from {recipe.start}: train that first, or --set start=null.")
    labels = adapters.read_manifest(folder)["labels"]
    adapter = load_file(folder / adapters.ADAPTER)
    base_model.lay_adapter(network, adapter, base, head=labels == recipe.labels)


def judge_shipped(folder: Path, base_dir: Path, dataset: Dataset, tokenizer: Tokenizer) -> Report:
    """Figures of the merged fp32 model, as ONNX Runtime runs it, on the development set."""
    labels = adapters.read_manifest(folder)["labels"]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    with tempfile.TemporaryDirectory() as merged:
        adapters.merge(folder, base_dir, Path(merged))
        session = onnxruntime.InferenceSession(
            str(Path(merged) / adapters.MODEL), options, providers=["CPUExecutionProvider"]
        )
        probabilities = np.zeros((len(dataset.dev), len(labels)))
        for indices, batch in in_order(dataset.dev, tokenizer, 32):
            feeds = {"input_ids": batch.ids.numpy(), "attention_mask": batch.mask.numpy()}
            (logits,) = session.run(None, feeds)
            powers = np.exp(logits - logits.max(1, keepdims=True))
            probabilities[indices] = powers / powers.sum(1, keepdims=True)
    return judge(probabilities, np.array([row.label for row in dataset.dev]), labels)


def counts(dataset: Dataset, recipe: Recipe) -> dict[str, dict[str, int]]:
    """Rows by label, for training and development."""
    return {
        part: {label: sum(row.label == index for row in rows) for index, label in enumerate(recipe.labels)}
        for part, rows in (("train", dataset.train), ("dev", dataset.dev))
    }


def record(recipe: Recipe, report: Report, cpu_seconds: float) -> None:
    """Add a run to experiments.jsonl, from which the cards tell what was tried."""
    entry: dict[str, Any] = {
        "model": recipe.id,
        "settings": recipe.settings(),
        "accuracy": round(report.accuracy, 4),
        "macro_f1": round(report.macro_f1, 4),
        "macro_recall": round(report.macro_recall, 4),
        "cpu_minutes": round(cpu_seconds / 60, 1),
    }
    with EXPERIMENTS.open("a") as file:
        file.write(json.dumps(entry) + "\n")


def write_card(recipe: Recipe, out: Path) -> None:
    """MODEL_CARD.md of a trained model, from its manifest and experiments.jsonl."""
    folder = out / recipe.id
    manifest = json.loads((folder / adapters.MANIFEST).read_bytes())
    tried = [json.loads(line) for line in EXPERIMENTS.read_text().splitlines()]
    size = sum(
        (folder / name).stat().st_size for name in (adapters.GRAPH, adapters.ADAPTER, adapters.MANIFEST)
    )
    (folder / "MODEL_CARD.md").write_text(
        card(manifest, [run for run in tried if run["model"] == recipe.id], size)
    )
