"""The cold way: one process per text, which imports torch, loads every model and judges the text once.

Arguments: the folders of the models. stdin: the text. Prints the labels as JSON.
"""

import json
import sys

from transformers import pipeline


def main() -> None:
    """Judge stdin with one model after the other."""
    text = sys.stdin.read()
    said = {}
    for folder in sys.argv[1:]:
        classifier = pipeline("text-classification", model=folder, tokenizer=folder, top_k=None, device="cpu")
        said[folder] = classifier([text], truncation=True, max_length=512)[0]
    print(json.dumps(said))


if __name__ == "__main__":
    main()
