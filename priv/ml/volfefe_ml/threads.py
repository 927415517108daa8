"""How many threads numeric libraries may use: read by them when they are imported, so said before."""

import os


def limit_threads(threads: int, *, offline: bool = True) -> None:
    """Give numeric libraries their budget and keep hub libraries offline; before any of them is imported."""
    for name in ("OMP", "OPENBLAS", "MKL", "RAYON"):
        os.environ[f"{name}_NUM_THREADS"] = str(threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    if offline:
        os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")
