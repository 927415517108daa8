"""An ONNX graph in int8, with ranges from real texts: the one step that needs NNCF."""

import os
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from volfefe_ml.classifier import mask_of
from volfefe_ml.texts import SHIPPED, read_texts
from volfefe_ml.tokens import TextTokenizer

# Other texts than those that fidelity is measured on.
CALIBRATION = SHIPPED.with_name("calibration.jsonl")
TEXTS = 64


def is_available() -> bool:
    """Whether NNCF is installed (requirements-hub.txt)."""
    return find_spec("nncf") is not None


def quantize(graph: Path, tokenizer: TextTokenizer, out: Path) -> None:
    """Write model.xml and model.bin: a trained graph, quantised the way that NNCF does transformers.

    Weights per output channel, activations per tensor with the ranges that the calibration texts give them.
    """
    os.environ["NNCF_CI"] = "1"  # or it would report its use over the internet
    import nncf
    import openvino as ov
    from openvino.passes import ConstantFolding, Manager

    model = ov.Core().read_model(str(graph))
    passes = Manager()
    passes.register_pass(ConstantFolding())  # NNCF takes only what is constant at once for weights
    passes.run_passes(model)
    names = {port.get_any_name() for port in model.inputs}
    samples = [_feeds(tokens.ids, names) for tokens in tokenizer.encode(read_texts(CALIBRATION)[:TEXTS])]
    quantized = nncf.quantize(
        model,
        nncf.Dataset(samples),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(samples),
    )
    ov.save_model(quantized, str(out / "model.xml"), compress_to_fp16=False)


def recipe_name() -> str:
    """What a quantised model depends on besides its weights, for its key in the cache."""
    return f"nncf {version('nncf')} openvino {version('openvino')} {TEXTS}"


def _feeds(ids: list[int], names: set[str]) -> dict[str, npt.NDArray[Any]]:
    row = np.array([ids], dtype=np.int64)
    feeds = {
        "input_ids": row,
        "attention_mask": mask_of(row, np.array([len(ids)])),
        "token_type_ids": np.zeros_like(row),
    }
    return {name: feeds[name] for name in names}
