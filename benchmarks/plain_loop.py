"""The baseline: one plain Python process, onnxruntime and VADER, one text at a time, nothing stored.

It runs the same prepared models as volfefe on the texts of a JSON Lines file, the way a notebook would, and
prints how many texts it did in how many seconds, with the models loaded already.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer


def main() -> None:
    """Arguments: the file of texts ({"text": …} per line), then a folder per prepared model."""
    texts = [json.loads(line)["text"] for line in Path(sys.argv[1]).read_text().splitlines()]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    models = []
    for folder in map(Path, sys.argv[2:]):
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(256)
        models.append((tokenizer, onnxruntime.InferenceSession(str(folder / "model.onnx"), options)))
    vader = SentimentIntensityAnalyzer()

    def classify(text: str) -> list[object]:
        verdicts: list[object] = [vader.polarity_scores(text)]
        for tokenizer, session in models:
            ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
            (logits,) = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
            verdicts.append(np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum())
        return verdicts

    classify(texts[0])
    wall, cpu = time.perf_counter(), time.process_time()
    for text in texts:
        classify(text)
    print(
        json.dumps(
            {"texts": len(texts), "wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
        )
    )


if __name__ == "__main__":
    main()
