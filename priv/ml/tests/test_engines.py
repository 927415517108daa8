"""Every engine at every precision that this machine has: as good as its word, alone and in any batch."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests import tiny
from tests.conftest import HubSet
from tests.support import REGISTRY, onnx_entry
from volfefe_ml import engines
from volfefe_ml.config import configured_models
from volfefe_ml.engines import Engine, module_of
from volfefe_ml.entry import ModelEntry, parse_entry
from volfefe_ml.errors import StartError
from volfefe_ml.tokens import TextTokenizer, Tokens

GRAPHS = ("onnxruntime", "openvino", "ctranslate2")
WAYS = [(engine, precision) for engine in GRAPHS for precision in module_of(engine).precisions()]
TORCH_WAYS = [("transformers", precision) for precision in module_of("transformers").precisions()]
ALIKE = 1e-4
# Mean difference of the probabilities from fp32 on small random models, whose weights are far larger than
# real ones; a wrong label or head makes it 0.3.
OFF = {"fp32": 1e-5, "bf16": 0.04, "int8": 0.15}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def shipped(model: str, engine: str, precision: str) -> ModelEntry:
    (entry,) = configured_models([REGISTRY], None, [model])
    return replace(entry, engine=engine, precision=precision)


def probabilities(engine: Engine, posts: list[str]) -> npt.NDArray[np.float64]:
    return np.array([[score for _, score in output.raw] for output in engine.predict(posts)])


def assert_batches_change_nothing(engine: Engine, posts: list[str]) -> None:
    together = probabilities(engine, posts)
    alone = np.concatenate([probabilities(engine, [post]) for post in posts])
    backwards = probabilities(engine, posts[::-1])[::-1]
    thirds = np.concatenate([probabilities(engine, posts[start::3]) for start in range(3)])
    back = np.argsort(np.concatenate([np.arange(len(posts))[start::3] for start in range(3)]))
    for other in (alone, backwards, thirds[back]):
        assert np.abs(other - together).max() <= ALIKE
        assert (other.argmax(axis=1) == together.argmax(axis=1)).all()


@pytest.mark.parametrize(("engine", "precision"), WAYS)
def test_a_shipped_model_judges_a_text_alike_whatever_it_is_batched_with(
    engine: str, precision: str, cache: Path
):
    posts = [*tiny.texts(40, seed=3), "x", "good " * 700, "Ünïcödé \0 🚀" * 40]
    loaded = engines.load(shipped("minilm_social", engine, precision), cache, 1)
    assert (loaded.precision, loaded.device) == (precision, "cpu")
    assert_batches_change_nothing(loaded, posts)


@pytest.mark.parametrize(("engine", "precision"), [*WAYS, *TORCH_WAYS])
@pytest.mark.parametrize("number", range(3))
def test_small_hub_models_judge_alike_in_every_engine_and_every_batch(
    engine: str, precision: str, number: int, hub_set: HubSet
):
    entry = replace(parse_entry(dict(hub_set.entries[number])), engine="onnxruntime")
    posts = [*tiny.texts(24, seed=5), "x", "good " * 700]
    reference = probabilities(engines.load(entry, hub_set.cache, 1), posts)
    loaded = engines.load(replace(entry, engine=engine, precision=precision), hub_set.cache, 1)
    assert_batches_change_nothing(loaded, posts)
    assert np.abs(probabilities(loaded, posts) - reference).mean() <= OFF[precision]


def test_a_precision_that_an_engine_lacks_is_refused_by_name(cache: Path):
    with pytest.raises(StartError) as refused:
        engines.load(shipped("minilm_social", "onnxruntime", "bf16"), cache, 1)
    assert refused.value.message == (
        "Model minilm_social: engine onnxruntime runs no bf16 on this machine (it runs fp32)."
    )
    assert refused.value.exit == 78


def test_ctranslate2_refuses_a_graph_without_an_encoder(tmp_path: Path):
    tiny.make_graph(tmp_path / "counter")
    source = f"folder:{tmp_path / 'counter'}"
    labels = {"other": "negative", "good": "positive"}
    entry = parse_entry({**onnx_entry("counter", source, labels), "engine": "ctranslate2"})
    with pytest.raises(StartError, match="CTranslate2 runs bert, distilbert, roberta, xlm-roberta"):
        engines.load(entry, tmp_path, 1)


def test_models_with_one_tokenizer_tokenize_once(cache: Path, monkeypatch: pytest.MonkeyPatch):
    first, second = (
        engines.load(shipped(model, "onnxruntime", "fp32"), cache, 1)
        for model in ("minilm_social", "minilm_finance")
    )
    tokenized: list[str] = []
    encode = TextTokenizer._encode

    def counted(self: TextTokenizer, text: str) -> Tokens:
        tokenized.append(text)
        return encode(self, text)

    monkeypatch.setattr(TextTokenizer, "_encode", counted)
    posts = ["Stocks are up.", "Nobody saw it coming."]
    first.predict(posts)
    second.predict(posts)
    assert tokenized == posts


@pytest.mark.parametrize("engine", GRAPHS)
def test_an_engine_without_torch_does_not_load_it(engine: str, cache: Path):
    # It is installed here, and would cost a worker 0.15 GB and seconds.
    engines.load(shipped("minilm_social", engine, "fp32"), cache, 1)
    script = f"""
import sys
from pathlib import Path
from volfefe_ml import engines
from volfefe_ml.config import SHIPPED, configured_models
from dataclasses import replace
(entry,) = configured_models([SHIPPED], None, ["minilm_social"])
loaded = engines.load(replace(entry, engine={engine!r}, precision="fp32"), Path({str(cache)!r}), 1)
loaded.predict(["Stocks are up."])
print("torch" in sys.modules)
"""
    folder = Path(engines.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize(("engine", "precision"), WAYS)
def test_no_engine_ties_its_threads_to_some_cores(engine: str, precision: str, cache: Path):
    # Several workers would choose the same ones. Looked at while they compute: afterwards they are free.
    allowed = os.sched_getaffinity(0)
    loaded = engines.load(shipped("minilm_social", engine, precision), cache, 1)
    seen: list[set[int]] = []
    with ThreadPoolExecutor(1) as executor:
        judging = executor.submit(loaded.predict, tiny.texts(200))
        while not judging.done():
            for task in Path("/proc/self/task").iterdir():
                with suppress(ProcessLookupError):
                    seen.append(os.sched_getaffinity(int(task.name)))
    assert seen and all(each == allowed for each in seen)
