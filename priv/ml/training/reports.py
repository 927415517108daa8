"""Sentences of company reports made from our own templates: the prose that finance tweets lack."""

from pathlib import Path
from random import Random

import yaml

from training.data import Row

FILE = Path(__file__).with_name("reports.yaml")


def report_rows(labels: list[str], count: int, seed: int = 0) -> list[Row]:
    """`count` sentences, as many of each label, always the same for a seed."""
    random = Random(seed)
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    rows = []
    for index in range(count):
        label = labels[index % len(labels)]
        less = random.choice([random.uniform(0.5, 10), random.uniform(10, 100), random.uniform(100, 900)])
        low = random.uniform(2, 28)
        values = {name: random.choice(choices) for name, choices in document["slots"].items()}
        values |= {"less": _amount(less, random), "more": _amount(less * random.uniform(1.1, 3), random)}
        values |= {"low": f"{low:.{random.choice([0, 1])}f}", "high": f"{low + random.uniform(3, 40):.0f}"}
        text = random.choice(document[label]).format(**values)
        rows.append(Row(text[0].upper() + text[1:], labels.index(label)))
    return rows


def _amount(value: float, random: Random) -> str:
    decimals = random.choice([1, 1, 2]) if value < 20 else random.choice([0, 1, 1])
    return f"{value:.{decimals}f}"
