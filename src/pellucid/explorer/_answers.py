"""Which function answers which question."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from pellucid.explorer import _looking, _messages, _neurons, _plane, _samples, _sketching, _training, _whys
from pellucid.explorer._messages import Answer, Question

if TYPE_CHECKING:
    from pellucid.explorer._session import Session

__all__ = ["ANSWERS", "answer"]

ANSWERS: Final[dict[type, Callable[[Any, Any], Any]]] = {
    _messages.AskAbout: _looking.about,
    _messages.AskStatus: _looking.status,
    _messages.Look: _looking.look,
    _messages.AskNeuron: _neurons.neuron,
    _messages.AskReceipt: _neurons.receipt,
    _messages.AskHistory: _neurons.history,
    _messages.AskPortrait: _neurons.portrait,
    _messages.AskSamples: _samples.samples,
    _messages.Draw: _samples.draw,
    _messages.Enter: _samples.enter,
    _messages.AskWhy: _whys.why,
    _messages.Train: _training.train,
    _messages.Change: _training.change,
    _messages.Branch: _training.branch,
    _messages.StopAt: _training.stop_at,
    _messages.AskCurves: _training.curves,
    _messages.Compare: _training.compare,
    _messages.Hand: _sketching.hand,
    _messages.HandBack: _sketching.hand_back,
    _messages.AskHands: _sketching.hands,
    _messages.Keep: _sketching.keep,
    _messages.AskBoundary: _plane.boundary,
}


def answer(session: Session, question: Question) -> Answer:
    """Return the answer to a question; see `Session.answer`."""
    found: Answer = ANSWERS[type(question)](session, question)
    return found
