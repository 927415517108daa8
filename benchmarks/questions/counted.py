"""What a dashboard asks, of the daily views and of the verdicts themselves."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from questions.measured import Times, query, spread

CURRENT = """
    FROM classifications AS k
    JOIN contents AS c ON c.id = k.content_id AND c.text_version = k.text_version
    JOIN model_versions AS v ON v.id = k.model_version_id
    JOIN models AS m ON m.id = v.model
"""
SENTIMENT = "CASE k.sentiment WHEN 1 THEN 'positive' WHEN 0 THEN 'neutral' ELSE 'negative' END"
SAID = "outcome IN ('positive', 'neutral', 'negative')"

# Question → the query of a daily view, and the query without it.
PAIRS = {
    "verdicts by model and sentiment": (
        f"SELECT model_id, outcome, sum(verdicts) FROM daily_verdicts WHERE {SAID} GROUP BY 1, 2 "
        "ORDER BY 1, 2",
        f"SELECT m.model_id, {SENTIMENT}, count(*) {CURRENT} WHERE k.error_code IS NULL GROUP BY 1, 2 "
        "ORDER BY 1, 2",
    ),
    "verdicts by model, day and sentiment": (
        f"SELECT model_id, day, outcome, sum(verdicts) FROM daily_verdicts WHERE {SAID} "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        f"SELECT m.model_id, date(c.published_at / 1000, 'unixepoch'), {SENTIMENT}, count(*) {CURRENT} "
        "WHERE k.error_code IS NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    ),
    "mean confidence by model": (
        "SELECT model_id, sum(confidence_sum) / sum(verdicts) FROM daily_verdicts "
        f"WHERE {SAID} GROUP BY 1 ORDER BY 1",
        f"SELECT m.model_id, avg(k.confidence) {CURRENT} WHERE k.error_code IS NULL GROUP BY 1 ORDER BY 1",
    ),
    "share of perfect scores by model": (
        "SELECT model_id, sum(perfect) * 1.0 / sum(verdicts) FROM daily_verdicts "
        f"WHERE {SAID} GROUP BY 1 ORDER BY 1",
        f"SELECT m.model_id, avg(k.flags & 2 <> 0) {CURRENT} WHERE k.error_code IS NULL "
        "GROUP BY 1 ORDER BY 1",
    ),
    "failures by model": (
        "SELECT model_id, sum(verdicts) FROM daily_verdicts WHERE outcome = 'failed' GROUP BY 1 ORDER BY 1",
        f"SELECT m.model_id, count(*) {CURRENT} WHERE k.error_code IS NOT NULL GROUP BY 1 ORDER BY 1",
    ),
    "coverage by model": (
        "SELECT model_id, sum(verdicts) * 1.0 / (SELECT sum(with_text) FROM daily_contents) "
        f"FROM daily_verdicts WHERE {SAID} GROUP BY 1 ORDER BY 1",
        "SELECT m.model_id, count(*) * 1.0 / (SELECT count(*) FROM contents WHERE text_hash IS NOT NULL) "
        f"{CURRENT} WHERE k.error_code IS NULL GROUP BY 1 ORDER BY 1",
    ),
    "latency histogram by model": (
        "SELECT model_id, first_call, from_ms, sum(texts) FROM latency_histogram "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        "SELECT m.model_id, k.first_call, (SELECT max(b.from_ms) FROM time_buckets AS b "
        f"WHERE b.from_ms <= k.latency_ms), count(*) {CURRENT} WHERE k.error_code IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM reuses AS u WHERE u.content_id = k.content_id "
        "AND u.model_version_id = k.model_version_id) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    ),
    "contents by day and source": (
        "SELECT day, source, contents FROM daily_contents ORDER BY 1, 2",
        "SELECT date(c.published_at / 1000, 'unixepoch'), s.name, count(*) FROM contents AS c "
        "JOIN sources AS s ON s.id = c.source_id GROUP BY 1, 2 ORDER BY 1, 2",
    ),
}


def table(database: Path, rounds: int) -> None:
    """Asks both ways in turn, compares the answers, and prints how long they took."""
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    print("| what a dashboard asks | rows | counts, ms | CPU ms | verdicts, ms | CPU ms | × CPU |")
    print("|---|---|---|---|---|---|---|")
    for name, pair in PAIRS.items():
        times: list[tuple[Times, Times]] = []
        for _ in range(rounds):
            (counted, few), (read, all_) = query(db, pair[0]), query(db, pair[1])
            check(name, few, all_)
            times.append((counted, read))
        ratios = [read.cpu / max(counted.cpu, 1e-6) for counted, read in times]
        fast, slow = zip(*times, strict=True)
        print(
            f"| {name} | {len(few)} | {both(fast, 1)} | {both(slow, 0)} | {spread(ratios, 0)} |",
            flush=True,
        )
    db.close()


def both(times: Sequence[Times], digits: int) -> str:
    """Wall and CPU milliseconds, in two columns."""
    wall, cpu = [each.wall for each in times], [each.cpu for each in times]
    return f"{spread(wall, digits, 1000)} | {spread(cpu, digits, 1000)}"


def check(name: str, few: list[tuple[object, ...]], all_: list[tuple[object, ...]]) -> None:
    """Ends the program when two answers differ by more than the rounding of a sum."""

    def same(one: object, other: object) -> bool:
        if isinstance(one, float) and isinstance(other, float):
            return abs(one - other) <= 1e-9
        return one == other

    if len(few) != len(all_) or not all(
        same(x, y) for one, other in zip(few, all_, strict=True) for x, y in zip(one, other, strict=True)
    ):
        raise SystemExit(f"the answers to “{name}” differ")
