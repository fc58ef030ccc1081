"""What is no model, although it is near one: `Network.of` says what to give instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pellucid import Network
from pellucid.errors import KindError

Judge = Callable[[str], Any]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("model.onnx", r"'model\.onnx'\. Network\.from_onnx\(path\)"),
        (Path("a") / "model.ONNX", r"Network\.from_onnx\(path\)"),
        ("net.safetensors", r"Network\.load\(path\)"),
        ("net.keras", r"keras\.models\.load_model\(path\)"),
        ("net.pth", r"torch\.load\(path\)"),
        ("net", r"Network\.from_onnx\(path\).*Network\.load\(path\)"),
        (b"\x08\x09", r"bytes was given.*Network\.from_onnx"),
        ({"layer": 1}, r"made of a dict; .* PyTorch are accepted"),
        (8, "made of an int; .* PyTorch are accepted"),
    ],
)
def test_what_is_no_model_says_what_to_give(given: object, told: str) -> None:
    """Whatever is said of it besides; pipelines are no matter here."""
    for said in ({}, {"activation": "relu"}, {"loss": "mse"}):
        with pytest.raises(KindError, match=told) as caught:
            Network.of(given, **said)
        assert "ipeline" not in str(caught.value)


@pytest.mark.parametrize("said", [{}, {"activation": "relu"}])
def test_a_checkpoint_holds_a_state_dict(judge: Judge, said: dict[str, str]) -> None:
    """Its name is told; and of a state dict with more in it than tensors, what is too much."""
    state = judge("torch").nn.Linear(2, 3).state_dict()
    with pytest.raises(KindError, match=r"checkpoint, which holds a state dict as 'weights'.*checkpoint\['weights'\]"):
        Network.of({"weights": state, "epoch": 3}, **said)
    with pytest.raises(KindError, match=r"'epoch' of what was given is of the type int\. Leave it out"):
        Network.of({**state, "epoch": 3}, **said)


def test_a_model_proto_is_read_elsewhere(judge: Judge) -> None:
    """An ONNX model is for `Network.from_onnx`."""
    with pytest.raises(KindError, match=r"ModelProto was given.*Network\.from_onnx"):
        Network.of(judge("onnx").ModelProto())
