"""Facts that `results import` counts of texts that no worker has seen, against the worker's `text_info`."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping

from tables import Database, Table
from volfefe_ml.text_info import text_info

PIECES = [
    *(
        "word",
        "UP",
        "Ünïcödé",
        "ß",
        "Ⅷ",
        "½",
        "٣",
        "中文",
        "🦊",
        "_",
        "#tag",
        "#",
        "@name",
        "a@b.example",
        "##x",
        "@@y",
    ),
    *(
        "https://a.example/B?c=D!",
        "HTTP://X",
        "www.y.example",
        "www.",
        "http://",
        "xwww.z",
        "(https://in.example)",
    ),
    *("!", "?!", "...", ".@dot", "RT", "ǅ", "ª", "\u0301", "$5", "#Ünï", "@中", "-", "'s"),
]
SPACES = [" ", " ", " ", "", "\n", "\t", "\u00a0", "\u2028", "\x1c", "\u200b", "  "]


def test_facts_are_those_of_the_worker(build: Callable[[Mapping[str, Table]], Database]) -> None:
    chance = random.Random(7)
    texts = sorted(
        {
            "".join(chance.choice(PIECES) + chance.choice(SPACES) for _ in range(chance.randint(1, 12)))
            for _ in range(1500)
        }
    )
    database = build({})
    verdict = {"m": {"model_version": "1", "raw_scores": {"positive": 1}}}
    lines = [
        json.dumps({"external_id": number, "text": text, "models": verdict})
        for number, text in enumerate(texts)
    ]
    (database.folder / "texts.jsonl").write_text("\n".join(lines))
    database.run("results", "import", "texts.jsonl", "--strict")
    query = """
        SELECT c.text, k.meta -> '$.text_info' AS facts
        FROM model_classifications AS k JOIN contents AS c ON c.id = k.content_id
    """
    rows = json.loads(database.run("sql", "--json", query).stdout)
    assert {row["text"] for row in rows} == set(texts)
    for row in rows:
        assert json.loads(row["facts"]) == text_info(row["text"]), ascii(row["text"])
