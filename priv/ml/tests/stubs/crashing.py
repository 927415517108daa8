"""Loads, then takes its process down, as native code compiled for another processor does."""

import os
import signal
from pathlib import Path

from tests.stubs.quick import Quick
from volfefe_ml.entry import ModelEntry
from volfefe_ml.prediction import Output


def precisions() -> tuple[str, ...]:
    return ("fp32", "int8")


def load(entry: ModelEntry, cache: Path, threads: int) -> Quick:
    del cache, threads
    return Crashing(entry, 0.0)


class Crashing(Quick):
    def _judge(self, text: str) -> Output:
        os.kill(os.getpid(), signal.SIGILL)
        return super()._judge(text)
