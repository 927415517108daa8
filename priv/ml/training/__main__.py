"""`python -m training`: train the shipped models; see scripts/train."""

import argparse
import sys
from pathlib import Path

from training import run
from training.data import DataError
from training.recipes import load_recipes

ROOT = Path(__file__).resolve().parents[3]


def main() -> int:
    """Parse the command line and do what it says; 0, or 1 after an error that has been printed."""
    recipes = load_recipes()
    parser = argparse.ArgumentParser(prog="scripts/train", description="Train the models in priv/ml/models.")
    parser.add_argument("--model", choices=list(recipes), action="append", help="one model (default: all)")
    parser.add_argument("--data", type=Path, help="folder with the labelled texts (see the model cards)")
    parser.add_argument("--out", type=Path, default=ROOT / "priv/ml/models", help="where models are written")
    parser.add_argument(
        "--work", type=Path, default=ROOT / ".build-training", help="where checkpoints are kept"
    )
    parser.add_argument("--resume", action="store_true", help="continue after the last checkpoint")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change a setting")
    parser.add_argument("--trial", action="store_true", help="only record the dev figures; write no model")
    parser.add_argument("--cards", action="store_true", help="only write the model cards anew")
    parser.add_argument(
        "--check", action="store_true", help="train on a few built-in texts and check every step"
    )
    options = parser.parse_args()
    if options.check:
        from training.check import check

        return check()
    models = [recipes[model] for model in options.model or recipes]
    try:
        for recipe in models:
            if options.cards:
                if recipe.shipped:
                    run.write_card(recipe, options.out)
            else:
                folder = options.data or ROOT.parent / "shared/data/labelled"
                run.train_model(
                    recipe, options.set, folder, options.out, options.work, options.resume, options.trial
                )
    except (DataError, ValueError) as error:
        print(f"scripts/train: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
