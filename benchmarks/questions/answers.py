"""What volfefe prints as JSON, in the shape of `by_pandas`: the name of a figure → the figure."""

from __future__ import annotations

from typing import Any

Figures = dict[str, float]
COUNTED = (
    "verdicts",
    "coverage",
    "positive",
    "neutral",
    "negative",
    "mean_confidence",
    "perfect",
    "truncated",
)
SENTIMENTS = {"positive": 1, "neutral": 0, "negative": -1}


def figures(question: list[str], answer: Any) -> Figures:
    """The figures of an answer."""
    match question[0]:
        case "stats":
            return {
                f"{row['group'] or ''} {row['model_id']} {name}": row[name] or 0
                for row in answer
                for name in (*COUNTED, "reused", "failed", "stale")
            }
        case "agreement":
            return agreement(answer)
        case "compare":
            labels = [SENTIMENTS[label] for label in answer["confusion"]["labels"]]
            counts = {
                f"{x} {y}": number
                for x, row in zip(labels, answer["confusion"]["counts"], strict=True)
                for y, number in zip(labels, row, strict=True)
            }
            flips = {f"flip {place}": flip["content_id"] for place, flip in enumerate(answer["flips"])}
            return counts | flips | {"kappa": answer["kappa"]["value"]}
        case "disagreements":
            found: Figures = {"total": answer["total"]}
            for place, content in enumerate(answer["contents"]):
                found[f"{place} content"] = content["content_id"]
                found[f"{place} contradiction"] = content["contradiction"]
            return found
    return latency(answer)


def agreement(answer: Any) -> Figures:
    """Of texts with words, on all labels."""
    section = next(each for each in answer["sections"] if (each["texts"], each["labels"]) == ("words", "all"))
    found: Figures = {
        "judged_by_all": section["judged_by_all"],
        "all_agree": section["all_agree"]["value"],
        "fleiss_kappa": section["fleiss_kappa"]["value"],
    }
    for pair in section["pairs"]:
        name = f"{pair['first'].split('@')[0]} {pair['second'].split('@')[0]}"
        found[f"{name} agreement"] = pair["agreement"]["value"]
        found[f"{name} kappa"] = pair["kappa"]["value"]
    return found


def latency(answer: Any) -> Figures:
    """Of steady and of first calls."""
    found: Figures = {}
    for model in answer:
        found[f"{model['model_id']} reused"] = model["reused"]
        for kind in ("steady", "first_calls"):
            for name, value in (model[kind] or {}).items():
                found[f"{model['model_id']} {kind} {name}"] = value
    return found


def difference(ours: Figures, theirs: Figures) -> str | None:
    """The first figure that differs by more than 1e-9 of its size, or is there only once."""
    for name in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(name), theirs.get(name)
        if one is None or other is None or abs(one - other) > 1e-9 * max(1, abs(one)):
            return f"{name}: {one} and {other}"
    return None
