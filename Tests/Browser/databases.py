"""Databases to look at: made-up verdicts and the golden posts, stored with `volfefe results import`."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("VOLFEFE_BINARY", ROOT / ".build/debug/volfefe"))
SENTIMENTS = ["negative", "neutral", "positive"]
GOLDEN = Path("data/golden/posts_with_real_results.json")
SHARED = Path(os.environ.get("VOLFEFE_SHARED", ROOT.parent / "shared"))
Record = dict[str, object]


def volfefe(*arguments: object, folder: Path, ok: tuple[int, ...] = (0,)) -> str:
    """Runs the program in a folder; returns what it printed."""
    environment = {**os.environ, "VOLFEFE_ROOT": str(ROOT), "XDG_CONFIG_HOME": str(folder), "NO_COLOR": "1"}
    done = subprocess.run(
        [BINARY, *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in ok, f"{arguments}: {done.returncode}: {done.stderr}"
    return done.stdout


def golden() -> Path | None:
    """44 real posts with real verdicts, where they are there."""
    return SHARED / GOLDEN if (SHARED / GOLDEN).exists() else None


def verdict(sentiment: str, confidence: float, latency: float, labels: list[str]) -> Record:
    """What a model says, with scores that sum to 1."""
    rest = [label for label in labels if label != sentiment]
    scores = {label: (1 - confidence) / len(rest) for label in rest} | {sentiment: confidence}
    return {
        "sentiment": sentiment,
        "confidence": confidence,
        "model_version": "1.0",
        "raw_scores": scores,
        "latency_ms": latency,
    }


def day(number: float) -> str:
    """A day of 2025 and after, as ISO 8601."""
    from datetime import UTC, datetime, timedelta

    moment = datetime(2025, 1, 6, 9, tzinfo=UTC) + timedelta(days=number)
    return moment.isoformat().replace("+00:00", "Z")


def several(texts: int = 300) -> Iterator[Record]:
    """Five models, one of which cannot say neutral, on five sources of different difficulty."""
    chance = random.Random(3)
    sources = {"truth_social": 0.55, "reuters": 0.9, "bluesky": 0.7, "press_releases": 0.95, "forum": 0.6}
    models = {
        "finbert": (SENTIMENTS, 0.9, 40.0),
        "distilbert": (["negative", "positive"], 0.8, 12.0),
        "twitter_roberta": (SENTIMENTS, 0.85, 55.0),
        "vader": (SENTIMENTS, 0.6, 0.1),
        "minilm_social": (SENTIMENTS, 0.84, 9.0),
    }
    for number in range(texts):
        source, quality = chance.choices(list(sources.items()), [6, 3, 2, 1, 1])[0]
        truth = chance.choice(SENTIMENTS)
        said: dict[str, Record] = {}
        for model, (labels, skill, latency) in models.items():
            if chance.random() < 0.01:
                continue
            label = truth if chance.random() < quality * skill else chance.choice(labels)
            label = label if label in labels else chance.choice(labels)
            sure = 1.0 if model == "finbert" and chance.random() < 0.3 else chance.betavariate(8, 1.5)
            said[model] = verdict(
                label,
                max(sure, 1 / len(labels) + 0.01),
                latency * chance.lognormvariate(0, 0.5),
                labels,
            )
        record: Record = {"external_id": str(number), "source": source, "models": said}
        record["text"] = (
            f"An invented text, number {number}, about markets, tariffs and the weather, that says nothing."
            if number % 12
            else f"https://example.org/{number}"
        )
        if number % 40:
            record["published_at"] = day(chance.betavariate(2, 1.3) * 280)
        yield record


def one_model(texts: int = 150) -> Iterator[Record]:
    """A model that has none to agree with."""
    chance = random.Random(1)
    for number in range(texts):
        said = verdict(
            chance.choice(SENTIMENTS), chance.uniform(0.4, 1), chance.lognormvariate(0, 0.5), SENTIMENTS
        )
        yield {
            "external_id": str(number),
            "source": "posts",
            "text": f"text {number}",
            "published_at": day(number / 12),
            "models": {"vader": said},
        }


def absurd(texts: int = 126) -> Iterator[Record]:
    """Names and texts that try to break out, that are very long, and that are written from right to left."""
    chance = random.Random(2)
    sources = [
        "<script>document.title='broken'</script>",
        "المصدر العربي للأخبار والتحليلات",
        "a" * 90,
        'O\'Brien & "Söhne" | pipe',
        "日本語のソース",
        "@everyone #1",
    ]
    models = [
        "<script>document.title='broken'</script>",
        "a-model-with-a-very-long-identifier-that-nobody-would-type-by-hand-v12",
        "نموذج-عربي",
        "模型" * 8,
        "x|y`z*_[l](u)",
        "&amp;",
    ]
    contents = [
        "<img src=x onerror=\"document.title='broken'\"> <b>bold</b> & more",
        "هذا نص عربي طويل من اليمين إلى اليسار 123 with English",
        "```` ``` `ticks` | pipe | *star* [a](http://x)",
        "x" * 300,
        "tab\tand\x07bell\nline two",
        "日本語のテキストです。",
        "@someone look #42 </svg></script><style>*{display:none}</style>",
    ]
    for number in range(texts):
        truth = chance.choice(SENTIMENTS)
        said: dict[str, Record] = {}
        for place, model in enumerate(models):
            labels = SENTIMENTS if place != 3 else ["negative", "positive"]
            label = truth if chance.random() < 0.7 else chance.choice(labels)
            label = label if label in labels else "negative"
            said[model] = verdict(label, chance.uniform(0.51, 1), chance.lognormvariate(place, 1), labels)
        text = contents[number % 7] + (f" {number}" if number % 9 else "")
        record: Record = {
            "external_id": str(number),
            "source": sources[number % 6],
            "text": text,
            "models": said,
        }
        if number % 11:
            record["published_at"] = day(number * 9)
        yield record


def many_models(texts: int = 60) -> Iterator[Record]:
    """As many models as one report takes without being asked twice: a dozen."""
    chance = random.Random(5)
    for number in range(texts):
        truth = chance.choice(SENTIMENTS)
        said = {
            f"model_{place:02}": verdict(
                truth if chance.random() < 0.5 + place / 25 else chance.choice(SENTIMENTS),
                chance.uniform(0.4, 1),
                chance.lognormvariate(place / 3, 0.4),
                SENTIMENTS,
            )
            for place in range(12)
        }
        yield {
            "external_id": str(number),
            "source": "posts",
            "text": f"text {number}",
            "published_at": day(number),
            "models": said,
        }


def imported(records: Iterable[Record], folder: Path) -> Path:
    """A database that holds these records."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = folder / "results.jsonl"
    lines.write_text("".join(json.dumps(record) + "\n" for record in records))
    volfefe("results", "import", lines, folder=folder)
    return folder


def made(name: str, folder: Path) -> Path | None:
    """The folder with a database of this name; nil when the data is not there."""
    folder = folder / name
    folder.mkdir(parents=True)
    match name:
        case "golden":
            posts = golden()
            if posts is None:
                return None
            volfefe("results", "import", posts, "--source", "truth_social", folder=folder)
            return folder
        case "empty":
            (folder / "posts.jsonl").write_text('{"id": 1, "text": null}\n')
            volfefe("ingest", folder / "posts.jsonl", folder=folder, ok=(0, 1))
            return folder
        case "unjudged":
            (folder / "posts.jsonl").write_text('{"id": 1, "text": "nobody has seen this"}\n')
            volfefe("ingest", folder / "posts.jsonl", folder=folder)
            return folder
        case _:
            return imported(globals()[name](), folder)
