"""Small untrained classifiers of the families that can be brought along, with 2 to 5 labels."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import tiny
from volfefe_ml.entry import Sentiment

# Raw labels as such models have them, in the order of their outputs.
LABELS: dict[int, dict[str, Sentiment]] = {
    2: {"NEGATIVE": "negative", "POSITIVE": "positive"},
    3: {"LABEL_0": "negative", "LABEL_1": "neutral", "LABEL_2": "positive"},
    4: {"anger": "negative", "joy": "positive", "optimism": "positive", "sadness": "negative"},
    5: {
        "1 star": "negative",
        "2 stars": "negative",
        "3 stars": "neutral",
        "4 stars": "positive",
        "5 stars": "positive",
    },
}
POSITIONS = 128


def make_bert(folder: Path, labels: int) -> None:
    """BERT: word pieces from a vocabulary."""
    from transformers import BertConfig, BertForSequenceClassification

    vocabulary = tiny.wordpieces(folder)
    _save(folder, BertForSequenceClassification(BertConfig(vocab_size=vocabulary, **_size(labels))))


def make_distilbert(folder: Path, labels: int) -> None:
    """DistilBERT: BERT's tokens, no token types, no pooler."""
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    size = {"id2label": dict(enumerate(LABELS[labels])), "initializer_range": 0.5}
    config = DistilBertConfig(
        vocab_size=tiny.wordpieces(folder),
        dim=32,
        n_layers=2,
        n_heads=4,
        hidden_dim=48,
        max_position_embeddings=POSITIONS,
        **size,
    )
    _save(folder, DistilBertForSequenceClassification(config))


def make_electra(folder: Path, labels: int) -> None:
    """ELECTRA: embeddings narrower than the rest, and a head of its own."""
    from transformers import ElectraConfig, ElectraForSequenceClassification

    vocabulary = tiny.wordpieces(folder)
    config = ElectraConfig(vocab_size=vocabulary, embedding_size=16, **_size(labels))
    _save(folder, ElectraForSequenceClassification(config))


def make_roberta(folder: Path, labels: int) -> None:
    """RoBERTa: byte-level pairs, and positions that begin after the padding id."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import RobertaConfig, RobertaForSequenceClassification

    folder.mkdir(parents=True)
    pairs = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    pairs.train_from_iterator(tiny.CORPUS, vocab_size=400, special_tokens=special, show_progress=False)
    pairs.save_model(str(folder))
    config = RobertaConfig(
        vocab_size=400, type_vocab_size=1, **{**_size(labels), "max_position_embeddings": POSITIONS + 2}
    )
    _save(folder, RobertaForSequenceClassification(config))


def make_xlm_roberta(folder: Path, labels: int) -> None:
    """XLM-R: RoBERTa's shape on SentencePiece's unigrams."""
    from transformers import XLMRobertaConfig, XLMRobertaForSequenceClassification

    vocabulary = _unigrams(folder, "<s>", "<pad>", "</s>", "<unk>", "<mask>")
    config = XLMRobertaConfig(
        vocab_size=vocabulary,
        type_vocab_size=1,
        **{**_size(labels), "max_position_embeddings": POSITIONS + 2},
    )
    _save(folder, XLMRobertaForSequenceClassification(config))


def make_deberta(folder: Path, labels: int) -> None:
    """DeBERTa-v3: attention over relative positions in buckets, and no absolute ones."""
    from transformers import DebertaV2Config, DebertaV2ForSequenceClassification

    vocabulary = _unigrams(folder, "[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]")
    config = DebertaV2Config(
        vocab_size=vocabulary,
        type_vocab_size=0,
        relative_attention=True,
        position_buckets=16,
        max_relative_positions=-1,
        norm_rel_ebd="layer_norm",
        share_att_key=True,
        pos_att_type=["p2c", "c2p"],
        position_biased_input=False,
        pad_token_id=1,
        **_size(labels),
    )
    _save(folder, DebertaV2ForSequenceClassification(config))


def make_albert(folder: Path, labels: int) -> None:
    """ALBERT: one layer's weights for all layers."""
    from transformers import AlbertConfig, AlbertForSequenceClassification

    vocabulary = _unigrams(folder, "[CLS]", "<pad>", "[SEP]", "<unk>", "[MASK]")
    config = AlbertConfig(vocab_size=vocabulary, embedding_size=16, pad_token_id=1, **_size(labels))
    _save(folder, AlbertForSequenceClassification(config))


FAMILIES: dict[str, Callable[[Path, int], None]] = {
    "bert": make_bert,
    "distilbert": make_distilbert,
    "roberta": make_roberta,
    "xlm-roberta": make_xlm_roberta,
    "deberta-v3": make_deberta,
    "electra": make_electra,
    "albert": make_albert,
}


def _size(labels: int) -> dict[str, Any]:
    return {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 48,
        "initializer_range": 0.5,
        "max_position_embeddings": POSITIONS,
        "id2label": dict(enumerate(LABELS[labels])),
    }


def _save(folder: Path, model: Any) -> None:
    tiny.untrained(model).save_pretrained(folder)


def _unigrams(folder: Path, first: str, pad: str, last: str, unknown: str, mask: str) -> int:
    """A fast tokenizer like those that SentencePiece models come with; returns the size of its vocabulary."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    special = [first, pad, last, unknown, mask]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=300, special_tokens=special, unk_token=unknown, show_progress=False
    )
    tokenizer.train_from_iterator(tiny.CORPUS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=[(first, 0), (last, 2)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        cls_token=first,
        bos_token=first,
        pad_token=pad,
        sep_token=last,
        eos_token=last,
        unk_token=unknown,
        mask_token=mask,
    )
    folder.mkdir(parents=True)
    fast.save_pretrained(folder)
    size: int = tokenizer.get_vocab_size()
    return size
