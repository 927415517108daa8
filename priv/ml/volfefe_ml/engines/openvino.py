"""The same ONNX graphs in OpenVINO on the CPU: bfloat16 where the CPU multiplies it, int8 on request."""

import hashlib
from functools import cache as once
from pathlib import Path

import numpy as np
import numpy.typing as npt
import openvino as ov

from volfefe_ml import quantization
from volfefe_ml.classifier import Ids, TransformerClassifier, check_outputs, mask_of
from volfefe_ml.entry import ModelEntry
from volfefe_ml.prepared import Built, Prepared, Recipe, derive, prepare
from volfefe_ml.tokens import shared_tokenizer

# What is not int8 in a quantised graph runs in fp32: in bf16 a tenth faster for BERT-size models, but on the
# shipped ones twice as far from the reference (mean difference .023 instead of .010, of 256 texts).
HINTS = {"fp32": "f32", "bf16": "bf16", "int8": "f32"}


@once
def precisions() -> tuple[str, ...]:
    """What this installation offers on this machine."""
    capabilities = ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    able = {"bf16": "BF16" in capabilities, "int8": "INT8" in capabilities and quantization.is_available()}
    return ("fp32", *(precision for precision, is_able in able.items() if is_able))


def load(entry: ModelEntry, cache: Path, threads: int) -> TransformerClassifier:
    """Load a model, preparing it first where that is still to do."""
    prepared = prepare(entry, cache)
    precision = entry.precision or "fp32"
    graph = prepared.folder / "model.onnx"
    if precision == "int8":
        graph = derive(entry, prepared, cache, _quantised(entry, prepared)).folder / "model.xml"
    network = Compiled(graph, precision, threads)
    check_outputs(entry, prepared, network.outputs)
    return TransformerClassifier(entry, prepared, network)


def _quantised(entry: ModelEntry, base: Prepared) -> Recipe:
    def build(out: Path) -> Built:
        tokenizer = shared_tokenizer(base.folder / "tokenizer.json", entry.max_tokens)
        quantization.quantize(base.folder / "model.onnx", tokenizer, out)
        return Built(base.revision, None, None)

    key = f"{quantization.recipe_name()} {base.revision}"
    return Recipe(hashlib.sha256(key.encode()).hexdigest(), build)


class Compiled:
    """A graph from token ids to logits, compiled for this CPU.

    OpenVINO compiles kernels for every shape that it meets, and their rounding differs: lengths in steps of
    16 keep the kernels few, and a text's probabilities equal to the last bit whatever it is batched with.
    """

    version: str = ov.__version__.partition("-")[0]
    device = "cpu"
    multiple = 16
    budget = 512
    full = False

    def __init__(self, file: Path, precision: str, threads: int) -> None:
        self.precision = precision
        settings = {
            "INFERENCE_PRECISION_HINT": HINTS[precision],
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            # Every worker would pin itself to the same core.
            "ENABLE_CPU_PINNING": False,
        }
        compiled = ov.Core().compile_model(str(file), "CPU", settings)
        self._request = compiled.create_infer_request()
        self._inputs = [port.get_any_name() for port in compiled.inputs]
        last = compiled.outputs[0].get_partial_shape()[-1]
        self.outputs: object = last.get_length() if last.is_static else None

    def logits(self, ids: Ids, lengths: Ids) -> npt.NDArray[np.floating]:
        """From token ids to logits [batch, labels]."""
        mask = mask_of(ids, lengths)
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        result = self._request.infer({name: feeds[name] for name in self._inputs}, share_inputs=True)
        return np.array(result.to_tuple()[0])
