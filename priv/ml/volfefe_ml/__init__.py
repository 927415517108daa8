"""Sentiment models behind a line protocol: text in, every model's verdict out."""

__version__ = "0.1.0"
