"""Looks at a volfefe database from outside, and does to it what faults need.

`database.py FILE command argument…`. It knows SQLite and the documented views, not volfefe's own code, so
that the two can disagree.
report             one JSON object: contents, rows per model, what is missing, doubled, wrong or damaged
query SQL          rows as a JSON list of lists
change SQL         runs statements
lock SECONDS FILE  holds the write lock, and makes a file once it has it
shift SECONDS      adds so much to every time in the database
restore FILE       makes the database from a file of statements
"""

import json
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

# Scores of the scripted worker follow from the text's length: any other score is another text's.
WRONG = """
    SELECT count(*)
    FROM classifications AS k JOIN contents AS c ON c.id = k.content_id
    WHERE k.error_code IS NULL AND abs(k.score_positive - (length(c.text) % 90 + 5) / 100.0) > 1e-6
"""
FAILURES = """
    SELECT c.external_id, f.model_id, f.error_code
    FROM classification_failures AS f JOIN contents AS c ON c.id = f.content_id
    ORDER BY c.id, f.model_id
"""


def report(db: sqlite3.Connection) -> dict[str, Any]:
    """Everything that rows are judged by."""

    def number(sql: str) -> int:
        return int(db.execute(sql).fetchone()[0])

    return {
        "contents": number("SELECT count(*) FROM contents"),
        "predictions": number("SELECT count(*) FROM model_classifications"),
        "models": dict(
            db.execute("SELECT model_id, count(*) FROM model_classifications GROUP BY model_id").fetchall()
        ),
        "failures": db.execute(FAILURES).fetchall(),
        "doubled": number(
            "SELECT count(*) FROM (SELECT 1 FROM classifications AS k"
            " JOIN model_versions AS v ON v.id = k.model_version_id"
            " GROUP BY k.content_id, v.model HAVING count(*) > 1)"
        ),
        "wrong": number(WRONG),
        "altered": number(
            "SELECT count(*) FROM text_facts AS t JOIN contents AS c"
            " ON c.id = t.content_id AND c.text_version = t.text_version WHERE t.text_hash <> c.text_hash"
        ),
        "damage": [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        + ["dangling reference" for _ in db.execute("PRAGMA foreign_key_check")],
    }


def shift(db: sqlite3.Connection, seconds: int) -> None:
    """Move every time: whole numbers that are Unix milliseconds of this millennium."""
    is_time = "typeof({0}) = 'integer' AND {0} BETWEEN 946684800000 AND 4102444800000"
    db.execute("BEGIN IMMEDIATE")
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        if table.startswith("sqlite_"):
            continue
        for column in [row[1] for row in db.execute(f'PRAGMA table_info("{table}")')]:
            db.execute(
                f'UPDATE "{table}" SET "{column}" = "{column}" + ? WHERE ' + is_time.format(f'"{column}"'),
                (seconds * 1000,),
            )
    db.execute("COMMIT")


def main() -> None:
    """Do one command."""
    path, command, *arguments = sys.argv[1:]
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    if command == "report":
        print(json.dumps(report(db)))
    elif command == "query":
        print(json.dumps(db.execute(arguments[0]).fetchall()))
    elif command == "change":
        db.executescript(arguments[0])
    elif command == "lock":
        db.execute("BEGIN IMMEDIATE")
        Path(arguments[1]).touch()
        time.sleep(float(arguments[0]))
        db.execute("ROLLBACK")
    elif command == "shift":
        shift(db, int(arguments[0]))
    elif command == "restore":
        db.executescript(Path(arguments[0]).read_text("utf-8"))
    else:
        sys.exit(f"database.py: unknown command {command}")
    db.close()


main()
