"""Command-line parsing with the exit status that every volfefe command uses."""

import argparse
from typing import NoReturn

from volfefe_ml.errors import Exit


class Parser(argparse.ArgumentParser):
    """A parser whose usage errors exit with 64."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and what is wrong with these arguments."""
        self.exit(Exit.USAGE, f"{self.format_usage()}{self.prog}: {message}\n")
