"""A transformers classifier in a folder, made into an ONNX graph: the one step that needs torch."""

import hashlib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from volfefe_ml import encoder as encoders
from volfefe_ml import hub
from volfefe_ml.entry import ModelEntry

OPSET = 18
INPUTS = ("input_ids", "attention_mask")
CHECK_TEXTS = ("Stocks are up.", "The market closed lower today, and nobody was surprised by it.")
TOLERANCE = 1e-3


def convert(entry: ModelEntry, folder: Path, config: Mapping[str, Any], out: Path) -> None:
    """Write model.onnx, weights.bin, encoder.json and tokenizer.json; raises StartError without torch.

    Only tensors are read (safetensors, or a pickle restricted to tensors) and no code of the model's own is
    run. The graph is run beside the original before it is accepted.
    """
    try:
        import onnx
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer
    except ImportError as error:
        raise hub.missing_extra(entry) from error

    class Logits(torch.nn.Module):
        """The classifier with nothing but token ids in and logits out."""

        def __init__(self) -> None:
            super().__init__()
            self.model: Any
            self.model, loading = AutoModelForSequenceClassification.from_pretrained(
                folder,
                local_files_only=True,
                weights_only=True,
                attn_implementation="eager",
                dtype=torch.float32,
                output_loading_info=True,
            )
            if missing := sorted(loading["missing_keys"]):  # transformers would make them up
                raise ValueError(f"the weights lack {missing[0]}; this is no trained classifier")

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
            return logits

    model = Logits().eval()
    tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    tokenizer.backend_tokenizer.save(str(out / "tokenizer.json"))
    batch = tokenizer(list(CHECK_TEXTS), padding=True, return_tensors="pt")
    inputs = tuple(batch[name] for name in INPUTS)
    draft = out / "draft.onnx"
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's, about shapes that the check below covers
        axes = {name: {0: "batch", 1: "sequence"} for name in INPUTS} | {"logits": {0: "batch"}}
        torch.onnx.export(
            model,
            inputs,
            str(draft),
            dynamo=False,
            do_constant_folding=False,  # so that weights stay as they are named and shaped in the original
            opset_version=OPSET,
            input_names=list(INPUTS),
            output_names=["logits"],
            dynamic_axes=axes,
        )
        expected = model(*inputs).numpy()
    onnx.save_model(
        onnx.load(str(draft)),
        str(out / "model.onnx"),
        save_as_external_data=True,
        location="weights.bin",
        size_threshold=0,
    )
    draft.unlink()
    tensors = {name: tensor.numpy() for name, tensor in model.model.state_dict().items()}
    if encoder := encoders.describe(config, _places(out / "model.onnx", tensors)):
        encoder.write(out)
    _check(out / "model.onnx", {name: batch[name].numpy() for name in INPUTS}, expected)


def _places(file: Path, tensors: Mapping[str, Any]) -> dict[str, tuple[int, list[int]]]:
    """Where in weights.bin each of the model's tensors lies, found by content, as equal ones are merged.

    Names are without the prefix that the classifier puts before those of its encoder (`bert.` and so on).
    """
    import onnx
    from onnx.external_data_helper import ExternalDataInfo, load_external_data_for_tensor

    offsets: dict[str, int] = {}
    for tensor in onnx.load(str(file), load_external_data=False).graph.initializer:
        offset = ExternalDataInfo(tensor).offset or 0
        load_external_data_for_tensor(tensor, str(file.parent))
        offsets.setdefault(_digest(onnx.numpy_helper.to_array(tensor)), offset)
    places = {}
    for name, values in tensors.items():
        if (offset := offsets.get(_digest(values))) is not None:
            places[name.removeprefix(_prefix(name))] = offset, list(values.shape)
    return places


def _prefix(name: str) -> str:
    head = name.partition(".")[0]
    return f"{head}." if head in ("bert", "distilbert", "roberta") else ""


def _digest(values: Any) -> str:
    return hashlib.sha256(f"{values.dtype} {values.shape}".encode() + values.tobytes()).hexdigest()


def _check(file: Path, inputs: dict[str, Any], expected: Any) -> None:
    import numpy as np
    import onnxruntime as ort

    (logits,) = ort.InferenceSession(str(file), providers=["CPUExecutionProvider"]).run(None, inputs)
    difference = float(np.abs(logits - expected).max())
    if not difference <= TOLERANCE:
        raise ArithmeticError(f"the converted graph's logits are {difference:.1e} off the original's")
