"""Fast ingestion of many posts, a kill in the middle, and the full mode on a part of them."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from ingestion import posts
from ingestion.running import Run, counts, run

ROOT = Path(__file__).resolve().parent.parent.parent


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/bench ingestion", description=__doc__)
    parser.add_argument("--total", type=int, default=100_000, help="posts")
    parser.add_argument("--full", type=int, default=2000, help="posts for the comparison of the modes")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of that comparison")
    parser.add_argument("--kill-at", type=float, default=0.5, help="share of the posts before the kill")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared/data/posts")
    parser.add_argument("--volfefe", type=Path, default=ROOT / ".build/release/volfefe")
    return parser.parse_args()


def main() -> int:
    """Measure and print; 1 when something is missing or was done twice."""
    given = options()
    with tempfile.TemporaryDirectory(prefix="volfefe-bench-") as name:
        folder = Path(name)
        texts = posts.real_texts(ROOT, given.shared)
        file = folder / "posts.jsonl"
        posts.write(file, posts.made_up(texts, given.total))
        print(
            f"{given.total:,} posts of the sentences of {len(texts):,}, {file.stat().st_size / 1e6:.0f} MB\n"
        )
        ingest = [str(given.volfefe), "ingest", str(file), "--source", "bench"]
        plain = run([*ingest, "--no-phases"], ROOT, folder / "plain.db")
        fast = run(ingest, ROOT, folder / "fast.db", asks=True)
        report(given.total, plain, fast)
        sound = resumes(given, ingest, folder, counts(folder / "fast.db"))
        modes(given, texts, folder)
    return 0 if sound and plain.status == fast.status == 0 else 1


def report(total: int, plain: Run, fast: Run) -> None:
    """Rates, memory and answers."""
    print(
        "| | contents/s | CPU ms per content | MB volfefe, early → late | MB its processes |\n"
        "|---|---|---|---|---|"
    )
    for label, each in {"stored only": plain, "fast": fast}.items():
        early, late = each.mean_mb(0.1, 0.3, 1), each.mean_mb(0.8, 1, 1)
        print(
            f"| {label} | {total / each.wall_s:,.0f} | {each.cpu_s / total * 1000:.3f} "
            f"| {early:.0f} → {late:.0f} | {each.mean_mb(0.8, 1, 2):.0f} |"
        )
    assert fast.first_answer_s is not None
    print(
        f"\nfirst answer after {fast.first_answer_s:.2f} s of {fast.wall_s:.1f}; {len(fast.answers_s)} "
        f"answers while it ran, median {statistics.median(fast.answers_s) * 1000:.0f} ms, "
        f"slowest {max(fast.answers_s) * 1000:.0f} ms"
    )


def resumes(given: argparse.Namespace, ingest: list[str], folder: Path, whole: dict[str, int]) -> bool:
    """Kill, look, run again: whether everything is there once."""
    database = folder / "killed.db"
    killed = run(ingest, ROOT, database, kill_at=int(given.total * given.kill_at))
    kept = counts(database)
    rest = run(ingest, ROOT, database)
    after = counts(database)
    print(
        f"\nkilled (status {killed.status}) with {kept['contents']:,} contents and {kept['statuses']:,} "
        "statuses stored"
    )
    share = given.total - kept["contents"]
    print(f"the same again: {share:,} contents more in {rest.wall_s:.1f} s")
    sound = after == whole and kept["statuses"] == 2 * kept["contents"] and kept["contents"] < given.total
    print(f"as without the kill, each once: {'yes' if sound else f'NO: {after} instead of {whole}'}")
    return sound


def modes(given: argparse.Namespace, texts: list[str], folder: Path) -> None:
    """Both modes on fresh posts in turn: how long until all of them can be asked for."""
    ratios = []
    for turn in range(given.rounds):
        file = folder / f"part{turn}.jsonl"
        posts.write(file, posts.made_up(texts, given.full, seed=turn + 2))
        ingest = [str(given.volfefe), "ingest", str(file), "--source", "bench"]
        fast = run(ingest, ROOT, folder / f"fast{turn}.db")
        full = run([*ingest, "--mode", "full"], ROOT, folder / f"full{turn}.db")
        ratios.append(full.wall_s / fast.wall_s)
        print(
            f"\n{given.full:,} posts: all can be asked for after {fast.wall_s:.1f} s in fast mode, "
            f"{full.wall_s:.1f} s in full mode (status {full.status}): {ratios[-1]:.1f} times",
            end="",
        )
    print(f"\nmedian ratio {statistics.median(ratios):.1f}")


if __name__ == "__main__":
    sys.exit(main())
