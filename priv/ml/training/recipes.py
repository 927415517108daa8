"""Recipes: everything that decides what a model becomes."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from training.network import Pooling

FILE = Path(__file__).with_name("recipes.yaml")


@dataclass(frozen=True)
class Recipe:
    """See recipes.yaml for what each setting means."""

    id: str
    dataset: str
    labels: list[str]
    rank: int
    pooling: Pooling
    epochs: int
    learning_rate: float
    batch: int
    dropout: float
    masked: float
    label_smoothing: float
    weight_decay: float
    class_weights: float
    averaging: float
    max_tokens: int
    seed: int
    start: str | None
    augment: list[str]
    reports: int
    stop_after: int | None
    shipped: bool
    offsets: list[float] | None

    def settings(self) -> dict[str, Any]:
        """All settings as plain values."""
        return asdict(self)


def load_recipes(file: Path = FILE) -> dict[str, Recipe]:
    """All recipes by model id; raises TypeError for a setting that does not exist."""
    document = yaml.safe_load(file.read_text())
    return {
        model: Recipe(**{"id": model, **document["defaults"], **settings})
        for model, settings in document["models"].items()
    }


def changed(recipe: Recipe, assignments: list[str]) -> Recipe:
    """The recipe with `name=value` assignments (YAML values) applied: for grids and seeds."""
    settings = recipe.settings()
    names = {field.name for field in fields(Recipe)}
    for assignment in assignments:
        name, _, value = assignment.partition("=")
        if name not in names:
            raise ValueError(f"There is no setting `{name}`; there are {', '.join(sorted(names))}.")
        settings[name] = yaml.safe_load(value)
        if isinstance(getattr(recipe, name), float):
            settings[name] = float(settings[name])  # YAML reads 2e-3 as a string
    return Recipe(**settings)
