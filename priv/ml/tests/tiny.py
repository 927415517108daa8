"""Small untrained classifiers of the hub models' classes, label orders and file layouts."""

import json
import random
from pathlib import Path
from typing import Any

CORPUS = [
    "Stocks are up and nobody was surprised by it.",
    "The market closed lower today, a good day for bears!",
    "Bad earnings; terrible guidance... what a disaster?",
    "Crypto to the moon 🚀🚀 #bitcoin @whale https://example.com/a?b=c",
    "I love this company, it is the best I have ever seen.",
]
FINBERT = {"Neutral": "neutral", "Positive": "positive", "Negative": "negative"}
DISTILBERT = {"NEGATIVE": "negative", "POSITIVE": "positive"}
ROBERTA = {"negative": "negative", "neutral": "neutral", "positive": "positive"}


def texts(count: int, seed: int = 7) -> list[str]:
    """Random texts of 1 to 90 words, in a fixed order."""
    dice = random.Random(seed)
    words = " ".join(CORPUS).split()
    return [" ".join(dice.choices(words, k=dice.randint(1, 90))) for _ in range(count)]


def make_finbert(folder: Path) -> None:
    """BERT as finbert-tone comes: a vocabulary and a pickle of tensors, nothing else."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(**_size(FINBERT), vocab_size=wordpieces(folder), num_hidden_layers=2)
    model = untrained(BertForSequenceClassification(config))
    config.save_pretrained(folder)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")


def make_distilbert(folder: Path) -> None:
    """DistilBERT as the SST-2 model comes: safetensors, a vocabulary, two labels."""
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    size = {"id2label": dict(enumerate(DISTILBERT)), "initializer_range": 0.5}
    config = DistilBertConfig(
        **size, vocab_size=wordpieces(folder), dim=32, n_layers=2, n_heads=4, hidden_dim=48
    )
    untrained(DistilBertForSequenceClassification(config)).save_pretrained(folder)


def make_roberta(folder: Path) -> None:
    """RoBERTa as the Twitter model comes: byte-level pairs, 514 positions of which 512 are of use."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import RobertaConfig, RobertaForSequenceClassification

    folder.mkdir(parents=True)
    pairs = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    pairs.train_from_iterator(CORPUS, vocab_size=400, special_tokens=special, show_progress=False)
    pairs.save_model(str(folder))
    config = RobertaConfig(
        **_size(ROBERTA), vocab_size=400, num_hidden_layers=2, max_position_embeddings=514, type_vocab_size=1
    )
    untrained(RobertaForSequenceClassification(config)).save_pretrained(folder)


def make_graph(folder: Path) -> None:
    """An ONNX model with its tokenizer that raises on `poison`, says NaN to `nan`, and else counts `good`."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper, save_model

    folder.mkdir(parents=True)
    words = {word: number for number, word in enumerate(("[PAD]", "[UNK]", "good", "nan", "poison"))}
    tokenizer: dict[str, Any] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": words, "unk_token": "[UNK]"},
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    # Row per token: what it adds to the two logits. `poison` has no row, so that Gather raises.
    table = np.array([[0, 0], [0, 0], [0, 1], [np.nan, 0]], dtype=np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
            helper.make_node("ReduceSum", ["rows", "axis"], ["logits"], keepdims=0),
        ],
        "counter",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "sequence"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 2])],
        [numpy_helper.from_array(table, "table"), numpy_helper.from_array(np.array([1]), "axis")],
    )
    save_model(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10),
        str(folder / "model.onnx"),
    )


def _size(labels: dict[str, str]) -> dict[str, Any]:
    sizes = {"hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 48, "initializer_range": 0.5}
    return {**sizes, "id2label": dict(enumerate(labels))}


def untrained(model: Any) -> Any:
    """Give a model random weights with which texts get different labels."""
    import torch

    torch.manual_seed(0)
    model.init_weights()
    model.eval()
    # Random weights would give every text the same label: center the last layer on random texts.
    layers = (layer for layer in model.modules() if isinstance(layer, torch.nn.Linear))
    *_, last = (layer for layer in layers if layer.out_features == model.config.num_labels)
    ids = torch.randint(5, model.config.vocab_size, (32, 40))
    with torch.no_grad():
        last.bias.sub_(model(input_ids=ids).logits.mean(0))
    return model


def wordpieces(folder: Path) -> int:
    """Write a vocab.txt of the corpus into a new folder; returns its size."""
    folder.mkdir(parents=True)
    letters = sorted({letter for text in CORPUS for letter in text.lower() if not letter.isspace()})
    words = sorted({word.lower() for text in CORPUS for word in text.split() if word.isalpha()})
    vocabulary = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *letters,
        *(f"##{c}" for c in letters),
        *words,
    ]
    vocabulary = list(dict.fromkeys(vocabulary))
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    return len(vocabulary)
