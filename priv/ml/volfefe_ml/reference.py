"""`reference.py`: models as a notebook would run them, timed: the baseline of every comparison."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from volfefe_ml import engines, hub, protocol
from volfefe_ml.entry import ModelEntry, Sentiment
from volfefe_ml.errors import StartError, about
from volfefe_ml.prediction import scores_by_sentiment
from volfefe_ml.prepared import prepare
from volfefe_ml.start import Start, parse_start
from volfefe_ml.streams import Streams
from volfefe_ml.threads import limit_threads

WAYS = ("loop", "pipeline")
WARM_UP_TEXT = "The market closed lower today, and nobody was surprised by it."

Scores = list[dict[Sentiment, float]]
# Texts in, the scores of their sentiments out.
Judge = Callable[[Sequence[str]], Scores]


def run(streams: Streams, way: str, *, batch: int, scores: bool) -> int:
    """Read the start message, load its models, then judge and time each line of texts until the input ends.

    Answers `ready` or `fatal` first, as a worker does; returns 0, or the exit status of the failure.
    """
    incoming = protocol.lines(streams.requests)
    started = time.perf_counter()
    try:
        start = parse_start(next(incoming, b""))
        limit_threads(start.threads)
        judges = {entry.id: _judge(entry, start, way, batch) for entry in start.entries}
        for judge in judges.values():
            judge([WARM_UP_TEXT])
    except Exception as error:
        failure = error if isinstance(error, StartError) else about(None, error)
        protocol.send(streams.replies, {"type": "fatal", **failure.to_wire()})
        return failure.exit
    load_ms = round((time.perf_counter() - started) * 1000, 1)
    protocol.send(streams.replies, {"type": "ready", "way": way, "load_ms": load_ms, "models": list(judges)})
    for line in incoming:
        texts = [str(text) for text in protocol.decode(line)["texts"]]
        protocol.send(streams.replies, _timed(judges, texts, batch, scores))
    return 0


def _timed(judges: dict[str, Judge], texts: Sequence[str], batch: int, scores: bool) -> dict[str, Any]:
    """Judge the texts, every model on one batch before the next; seconds in all, and of each model."""
    wall, cpu = time.perf_counter(), time.process_time()
    models = {name: {"wall_s": 0.0, "cpu_s": 0.0} for name in judges}
    latencies: dict[str, list[float]] = {name: [] for name in judges}
    said: dict[str, Scores] = {name: [] for name in judges}
    for begin in range(0, len(texts), batch):
        chunk = texts[begin : begin + batch]
        for name, judge in judges.items():
            model_wall, model_cpu = time.perf_counter(), time.process_time()
            said[name] += judge(chunk)
            taken = time.perf_counter() - model_wall
            models[name]["wall_s"] += taken
            models[name]["cpu_s"] += time.process_time() - model_cpu
            latencies[name] += [round(taken * 1000 / len(chunk), 3)] * len(chunk)
    reply: dict[str, Any] = {
        "type": "judged",
        "texts": len(texts),
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
        "models": {name: {**models[name], "latencies_ms": latencies[name]} for name in judges},
    }
    return reply | ({"scores": said} if scores else {})


def _judge(entry: ModelEntry, start: Start, way: str, batch: int) -> Judge:
    if entry.source_kind == "package":
        engine = engines.load(entry, start.cache, start.threads)
        return lambda texts: [dict(output.scores) for output in engine.predict(texts)]
    if way == "pipeline":
        return _pipeline(entry, start, batch)
    return _loop(entry, start)


def _loop(entry: ModelEntry, start: Start) -> Judge:
    """ONNX Runtime in fp32 with its defaults, one text at a time, nothing padded."""
    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer

    folder = prepare(entry, start.cache).folder
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(entry.max_tokens)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = start.threads
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options)
    inputs = {node.name for node in session.get_inputs()}

    def judge(texts: Sequence[str]) -> Scores:
        return [one(text) for text in texts]

    def one(text: str) -> dict[Sentiment, float]:
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (logits, *_) = session.run(None, {name: feeds[name] for name in inputs})
        powers = np.exp(np.asarray(logits[0], dtype=np.float64) - logits[0].max())
        return scores_by_sentiment(entry, (powers / powers.sum()).tolist())

    return judge


def _pipeline(entry: ModelEntry, start: Start, batch: int) -> Judge:
    """transformers' text-classification pipeline with its defaults, as the model's page shows it."""
    folder = _original(entry, start.cache)
    try:
        import torch
        from transformers import pipeline
    except ImportError as error:
        raise hub.missing_extra(entry) from error
    torch.set_num_threads(start.threads)
    call: Any = pipeline(
        "text-classification",
        model=str(folder),
        tokenizer=str(folder),
        top_k=None,
        device="cpu",
        batch_size=batch,
    )

    def judge(texts: Sequence[str]) -> Scores:
        results = call(list(texts), truncation=True, max_length=entry.max_tokens)
        return list(ordered(results))

    def ordered(results: Sequence[Sequence[dict[str, Any]]]) -> Iterator[dict[Sentiment, float]]:
        for said in results:
            by_label = {str(pair["label"]): float(pair["score"]) for pair in said}
            yield scores_by_sentiment(entry, [by_label[label] for label in entry.labels])

    return judge


def _original(entry: ModelEntry, cache: Path) -> Path:
    folder = hub.find(entry, cache) if entry.source_kind == "hub" else Path(entry.source_name)
    if entry.source_kind not in ("hub", "folder") or not (folder / "config.json").is_file():
        raise StartError(
            "bad_configuration",
            f"Model {entry.id}: a pipeline needs a folder or hub model with its config.json.",
            model=entry.id,
            remedy="Compare it with the plain loop only.",
        )
    return folder
