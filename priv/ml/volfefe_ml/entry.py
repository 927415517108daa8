"""One model as the registry describes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from volfefe_ml.errors import StartError

Sentiment = Literal["positive", "neutral", "negative"]
SENTIMENTS: tuple[Sentiment, ...] = ("positive", "neutral", "negative")
SOURCES = ("shipped", "folder", "hub", "package")
PRECISIONS = ("fp32", "bf16", "int8")
DEVICES = ("cpu", "cuda")
ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
REVISION = re.compile(r"sha256:[0-9a-f]{64}")
COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model of the registry.

    `labels` maps raw label → sentiment, in the order of the model's outputs. No `precision`: fp32, or with
    engine `auto` any that is as good.
    """

    id: str
    engine: str
    source: str
    version: str
    labels: Mapping[str, Sentiment]
    has_neutral: bool = True
    max_tokens: int = 512
    weight: float = 1.0
    precision: str | None = None
    device: str | None = None
    revision: str | None = None
    commit: str | None = None
    enabled: bool = True
    profiles: tuple[str, ...] = ("default",)

    @property
    def source_kind(self) -> str:
        """What stands before the colon of `source`: shipped, folder, hub or package."""
        return self.source.partition(":")[0]

    @property
    def source_name(self) -> str:
        """What stands after the colon of `source`; the model's id where nothing does."""
        return self.source.partition(":")[2] or self.id

    @property
    def sentiments(self) -> tuple[Sentiment, ...]:
        """The sentiments that this model can tell apart, in the order that decides ties."""
        return tuple(s for s in SENTIMENTS if s in self.labels.values())


def parse_entry(raw: Any) -> ModelEntry:
    """Check one registry entry; raises StartError(bad_configuration) naming the model and the key."""
    if not isinstance(raw, dict) or not isinstance(raw.get("id"), str) or not ID.fullmatch(raw["id"]):
        raise _bad(
            None, "every entry of `models` needs an `id` of letters, digits, dots, dashes and underscores"
        )
    model = raw["id"]
    known = {f.name for f in fields(ModelEntry)}
    if unknown := sorted(set(raw) - known):
        raise _bad(model, f"unknown key `{unknown[0]}` (known: {', '.join(sorted(known))})")
    given = {key: value for key, value in raw.items() if value is not None}
    for key in ("engine", "source", "version"):
        if not isinstance(given.get(key), str) or not given[key]:
            raise _bad(model, f"`{key}` must be a non-empty string")
    _check_labels(model, given)
    given.setdefault("has_neutral", "neutral" in given["labels"].values())
    given["profiles"] = tuple(given.get("profiles", ("default",)))
    entry = ModelEntry(**given)
    _check_values(entry)
    return entry


def _check_labels(model: str, given: dict[str, Any]) -> None:
    """Check `labels`; on the wire they are a list of name and sentiment, since JSON objects have no order."""
    labels = given.get("labels")
    if isinstance(labels, list) and all(isinstance(label, dict) for label in labels):
        labels = {label.get("name"): label.get("sentiment") for label in labels}
        given["labels"] = labels
    if not isinstance(labels, dict) or not labels or not all(isinstance(name, str) for name in labels):
        raise _bad(
            model, "`labels` must map every raw label to a sentiment, in the order of the model's outputs"
        )
    if strange := [s for s in labels.values() if s not in SENTIMENTS]:
        raise _bad(model, f"`labels` has {strange[0]!r}; sentiments are {', '.join(SENTIMENTS)}")


def _check_values(entry: ModelEntry) -> None:
    checks = {
        f"`source` must be one of {', '.join(SOURCES)}, some with :name": entry.source_kind in SOURCES,
        "`source: folder:` and `hub:` need a name after the colon": entry.source_kind not in ("folder", "hub")
        or (":" in entry.source and bool(entry.source.partition(":")[2])),
        "`has_neutral` does not agree with `labels`": entry.has_neutral == ("neutral" in entry.sentiments),
        "`max_tokens` must be a whole number from 3 to 100000": type(entry.max_tokens) is int
        and 3 <= entry.max_tokens <= 100_000,
        f"`precision` must be one of {', '.join(PRECISIONS)}": entry.precision in (None, *PRECISIONS),
        f"`device` must be one of {', '.join(DEVICES)}": entry.device in (None, *DEVICES),
        "`device: cuda` needs `engine: transformers`": entry.device != "cuda"
        or entry.engine == "transformers",
        "`revision` must look like sha256: and 64 hex digits": entry.revision is None
        or bool(REVISION.fullmatch(str(entry.revision))),
        "`commit` must be 40 hex digits": entry.commit is None or bool(COMMIT.fullmatch(str(entry.commit))),
    }
    for message, holds in checks.items():
        if not holds:
            raise _bad(entry.id, message)


def _bad(model: str | None, message: str) -> StartError:
    prefix = f"Model {model}: " if model else ""
    return StartError(
        "bad_configuration",
        prefix + message + ".",
        model=model,
        remedy="Correct the `models:` list in volfefe.yaml.",
    )
