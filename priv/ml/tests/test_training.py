"""Training: what the texts become, what is kept apart, and figures that can be checked by hand."""

import json
import re
from random import Random

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from training import recipes
from training.augment import anonymous, headline
from training.batches import PAD, padded
from training.card import card
from training.data import DataError, Row, detokenize, finance, fingerprint, general, repair, separate, social
from training.evaluate import judge
from training.lora import SCALING, LoraLinear
from training.reports import report_rows
from training.train import class_weights, schedule


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"Plus\u002c it\u2019s late", "Plus, it’s late"),
        ("&amp;amp; so &lt;3", "& so <3"),
        ('"all of it in quotes"', "all of it in quotes"),
        ('He said ""no"" twice', 'He said "no" twice'),
        ('"opened and never closed', "opened and never closed"),
        ('"One" and "two"', 'One" and "two'),
        ("  two\t spaces ", "two spaces"),
    ],
)
def test_exports_are_repaired(raw, text):
    assert repair(raw) == text


def test_copies_share_a_fingerprint_whatever_their_links_and_handles():
    one = fingerprint("RT @JoeHart's neck: snow on Wed!! http://t.co/Xzl4LFhs")
    assert one == fingerprint("rt @user neck: Snow on Wed http")
    assert one != fingerprint("RT neck: no snow on Wed")


def test_treebank_tokens_become_prose():
    assert detokenize("It 's a `` fun '' film , is n't it ?") == "It's a \"fun\" film, isn't it?"
    assert detokenize("-LRB- Really -RRB- .") == "(Really)."


def test_nothing_of_the_dev_set_is_trained_on():
    dev = [Row("Stocks fell sharply on Monday, as traders fled to bonds and gold http://a.b", 0)]
    train = [
        Row("@me STOCKS fell sharply on Monday as traders fled to bonds and gold!", 0),
        Row("Stocks fell sharply on Monday, as traders fled to bonds, and then came back", 1),
        Row("Up", 1),
        Row("up!", 1),
        Row("Well", 0),
        Row("well", 1),
        Row("@only http://links", 1),
    ]
    dataset = separate(train, dev)
    assert dataset.train == [Row("Up", 1)]
    assert dataset.removed == {"empty": 1, "also in dev": 2, "repeated": 2, "labelled in two ways": 1}


def test_tweets_without_a_valid_label_are_left_out(tmp_path):
    lines = [
        "1\tpositive\tGood day",
        "2\tobjective\tA day",
        "3\tneutral\tNot Available",
        "4\tnegative",
        "5\tnegative\tBad",
    ]
    (tmp_path / "semeval_twitter-2013train-A.tsv").write_text("\n".join(lines))
    (tmp_path / "tweeteval_sentiment_val_text.txt").write_text("good DAY \nother\n")
    (tmp_path / "tweeteval_sentiment_val_labels.txt").write_text("2\n1\n")
    dataset = social(tmp_path)
    assert dataset.train == [Row("Bad", 0)]
    assert [row.label for row in dataset.dev] == [2, 1]


def test_the_five_star_set_gives_the_same_sentences_with_case_and_never_the_neutral_ones(tmp_path):
    (tmp_path / "sst2_train.tsv").write_text("it 's fun\t1\n")
    (tmp_path / "sst2_dev.tsv").write_text("it 's dull\t0\n")
    stars = [
        "__label__5\tIt 's fun .",
        "__label__3\tSo so .",
        "__label__1\tIt 's dull .",
        "__label__2\tAwful .",
    ]
    (tmp_path / "sst5_train.txt").write_text("\n".join(stars) + "\n")
    assert general(tmp_path).train == [Row("it 's fun", 1), Row("It's fun.", 1), Row("Awful.", 0)]


@pytest.mark.parametrize("dataset", [finance, general, social])
def test_missing_data_is_named_with_the_option_that_says_where_it_is(tmp_path, dataset):
    with pytest.raises(DataError, match="--data"):
        dataset(tmp_path)


def test_augmentation_never_leaves_a_text_empty_and_is_seeded():
    text = "$AAPL - https://t.co/x #stocks"
    forms = {headline(text, Random(seed)) for seed in range(50)}
    assert len(forms) > 2
    assert all(form.strip() for form in forms)
    assert headline(text, Random(3)) == headline(text, Random(3))
    assert {anonymous("@a http://b.c", Random(seed)) for seed in range(9)} == {"@a http://b.c", "@user http"}


def test_figures_equal_those_counted_by_hand():
    gold = np.array([0, 0, 0, 1, 1, 2])
    said = [0, 0, 1, 1, 1, 0]
    report = judge(np.eye(3)[said], gold, ["a", "b", "c"])
    assert report.confusion == [[2, 1, 0], [0, 2, 0], [1, 0, 0]]
    assert report.accuracy == pytest.approx(4 / 6)
    assert report.macro_recall == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert report.by_class["b"] == pytest.approx({"precision": 2 / 3, "recall": 1, "f1": 0.8, "support": 2})
    assert report.macro_f1 == pytest.approx((2 / 3 + 0.8 + 0) / 3)
    assert report.calibration_error == pytest.approx(1 - 4 / 6)


def test_adapter_gradients_are_those_of_the_plain_formula():
    torch.manual_seed(0)
    layer = LoraLinear(6, 5, 2)
    layer.weight.copy_(torch.randn(5, 6))
    torch.nn.init.normal_(layer.lora_b)
    x = torch.randn(3, 4, 6, requires_grad=True)
    target = torch.randn(3, 4, 5)
    inputs = [x, layer.bias, layer.lora_a, layer.lora_b]
    ours = torch.autograd.grad((layer(x) * target).sum(), inputs)
    plain = x @ (layer.weight + SCALING * layer.lora_b @ layer.lora_a).T + layer.bias
    for got, expected in zip(ours, torch.autograd.grad((plain * target).sum(), inputs), strict=True):
        torch.testing.assert_close(got, expected)


def test_the_rate_rises_and_falls_to_nothing():
    rates = [schedule(step, 100) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[10] == 1.0
    assert rates[99] < 0.001


def test_rare_classes_count_more():
    rows = [Row("x", 0)] * 9 + [Row("y", 1)]
    weights = class_weights(rows, 2, 0.5)
    assert float(weights.mean()) == pytest.approx(1)
    assert float(weights[1] / weights[0]) == pytest.approx(3)


def test_batches_are_filled_up_and_masked():
    batch = padded([[5, 6, 7], [8]], [0, 1])
    assert batch.ids.tolist() == [[5, 6, 7], [8, PAD, PAD]]
    assert batch.mask.tolist() == [[1, 1, 1], [1, 0, 0]]


def test_settings_can_be_changed_but_not_invented():
    recipe = recipes.load_recipes()["minilm_finance"]
    assert recipes.changed(recipe, ["learning_rate=2e-4", "seed=3"]).learning_rate == 2e-4
    with pytest.raises(ValueError, match="no setting `sed`"):
        recipes.changed(recipe, ["sed=3"])


@pytest.mark.parametrize(
    "model", [model for model, recipe in recipes.load_recipes().items() if recipe.shipped]
)
def test_every_card_is_what_the_records_say(model):
    from training.run import EXPERIMENTS
    from volfefe_ml.sources import SHIPPED

    folder = SHIPPED / model
    manifest = json.loads((folder / "adapter.json").read_bytes())
    recipe = recipes.load_recipes()[model]
    assert manifest["labels"] == recipe.labels
    assert manifest["training"]["recipe"] == recipe.settings()
    tried = [json.loads(line) for line in EXPERIMENTS.read_text().splitlines()]
    written = (folder / "MODEL_CARD.md").read_text()
    size = sum(
        (folder / name).stat().st_size for name in ("graph.onnx", "adapter.safetensors", "adapter.json")
    )
    assert written == card(manifest, [run for run in tried if run["model"] == model], size)
    for section in ("Figures", "Data", "Recipe", "What was tried", "Limits"):
        assert f"\n## {section}" in written


def test_made_up_report_sentences_are_seeded_balanced_and_say_what_their_label_says():
    labels = ["bearish", "bullish", "neutral"]
    rows = report_rows(labels, 300)
    assert rows == report_rows(labels, 300)
    assert [sum(row.label == index for row in rows) for index in range(3)] == [100, 100, 100]
    assert not any("{" in row.text for row in rows)
    for row in rows:
        if "up from" in row.text or "down from" in row.text:
            now, before = (float(number) for number in re.findall(r"(\d+(?:\.\d+)?) mn", row.text))
            assert (now > before) == (row.label == 1)


def test_what_a_recipe_starts_from_is_trained_before_it():
    order = recipes.load_recipes()
    for model, recipe in order.items():
        assert recipe.start is None or list(order).index(recipe.start) < list(order).index(model)
