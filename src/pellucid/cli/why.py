"""``pellucid why``: what, in an image, made the network say one digit rather than another."""

from __future__ import annotations

import math
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from pellucid.cli.bars import bars_table, names_in
from pellucid.cli.neuron import WIDE
from pellucid.cli.options import Json, Model
from pellucid.cli.screen import command, console, percent, print_json, signed

if TYPE_CHECKING:
    from rich.console import Console

    from pellucid.cli.sources import Seen
    from pellucid.insight import Counterfactual, Why
    from pellucid.insight._bars import View
    from pellucid.network import Network

__all__ = ["why"]


def why(
    model: Model,
    digit: Annotated[int, typer.Option("--digit", metavar="N", help="The index of an image of MNIST's test set.")],
    this: Annotated[
        str | None,
        typer.Option("--this", metavar="CLASS", help="What to explain.  [what the network says]", show_default=False),
    ] = None,
    rather: Annotated[
        str | None,
        typer.Option("--rather", metavar="CLASS", help="Rather than what.  [the likeliest other]", show_default=False),
    ] = None,
    layer: Annotated[
        str, typer.Option("--layer", metavar="NAME", help="Whose contributions: input, or a layer such as layer_1.")
    ] = "input",
    json: Json = False,
) -> None:
    """Tell why a network says one digit, rather than another.

    Contributions of pixels, or of neurons, that add up to the difference of the two outputs; and the least change of
    one neuron that would give another answer.
    """
    from pellucid.cli.sources import load_network, passed

    network = load_network(model)
    seen = passed(network, digit)
    asked = _asked(network, seen, this, rather)
    view = asked.found[layer]
    if json:
        print_json(_as_json(asked, view))
        return
    screen = console()
    _show_question(asked, screen)
    _show_pictures(asked, view, screen)
    screen.print(bars_table(asked.network, view, asked.total, screen))
    if asked.counterfactual is not None:
        screen.print(f"\n{_counterfactual_told(asked, asked.counterfactual)}")
    _show_notes(asked, view, model, screen)


class _Asked(NamedTuple):
    """A question and its answers: what the network says, why, and what would have changed it."""

    network: Network
    seen: Seen
    said: str | None
    found: Why
    wished: str | None
    counterfactual: Counterfactual | None

    @property
    def this(self) -> str:
        return str(self.found.names[0])

    @property
    def rather(self) -> str | None:
        return None if self.found.rather is None else str(self.found.names[1])

    @property
    def total(self) -> str:
        """What the contributions add up to."""
        return f"output {self.this}" if self.rather is None else "the difference"

    def probability(self, place: int | None) -> float | None:
        """Return the probability of an output of classes, where the network gives such."""
        return None if place is None or self.said is None else float(self.seen.trace.shown[place])

    @property
    def verdict(self) -> str:
        """What the network makes of the image, in a sentence."""
        from pellucid.cli.sources import answer

        image, said = f"The test image of {self.seen.told}", answer(self.network, self.seen)
        return f"{image}." if said is None else f"{image}, is read as {said[0]} ({percent(said[1])})."


def _asked(network: Network, seen: Seen, this: str | None, rather: str | None) -> _Asked:
    from pellucid.cli.sources import answer
    from pellucid.core import Task

    trace, said = seen.trace, (answer(network, seen) or (None,))[0]
    found = trace.why(_answer(network, said if this is None else this), _answer(network, rather))
    if network.spec.loss.task is Task.VALUES or len(network) == 1 or (said is None and network.spec.n_outputs > 1):
        return _Asked(network, seen, said, found, None, None)
    wished = None if this is None and rather is None else this if this is not None and this != said else rather
    return _Asked(network, seen, said, found, wished, trace.counterfactual(_answer(network, wished)))


def _answer(network: Network, given: str | None) -> Any:
    """Return a class as the network knows it: by its name, which a command line gives as text."""
    return next((name for name in network.spec.output.names or () if str(name) == given), given)


# On the screen


def _show_question(asked: _Asked, screen: Console) -> None:
    found = asked.found
    screen.print(f"{asked.verdict}\n")
    if asked.rather is None:
        screen.print(f"Why {asked.this}? Its output, {signed(found.difference)}, is made up of:\n", style="bold")
        return
    screen.print(f"Why {asked.this}, rather than {asked.rather}?", style="bold")
    screen.print(
        f"Outputs {_plain(found.output)} and {_plain(found.other)}; their difference of {signed(found.difference)} "
        "is made up of:\n"
    )


def _plain(value: float) -> str:
    return f"{value:.6f}".replace("-", "−")


def _show_pictures(asked: _Asked, view: View, screen: Console) -> None:
    from pellucid.cli.pictures import print_pictures, print_signed, signed_values
    from pellucid.cli.sources import SIDE, seen_picture

    image = seen_picture(asked.seen, asked.seen.told)
    if view.place != "input":
        print_pictures([image], screen)
        screen.print()
        return
    pixels = signed_values(view.bars.reshape(SIDE, SIDE), "what each pixel adds")
    print_signed([image, pixels], screen, f"for {asked.this}", f"for {asked.rather}" if asked.rather else "against it")


def _counterfactual_told(asked: _Asked, found: Counterfactual) -> str:
    change = found.best
    if change is None:
        return "No change of a single neuron, within the bounds of the search, gives another answer."
    never = "" if change.reachable else f", which {asked.network[change.layer].activation} never gives,"
    reach = " within reach of its activation" if change.reachable and change != found.smallest else ""
    return (
        f"Had {change.layer}/node_{change.node} given {_short(change.after)}{never} in place of "
        f"{_short(change.before)}, and all beside it the same, the answer would have been {change.name}: of one "
        f"neuron, that is the smallest change{reach} that gives {'it' if asked.wished else 'another answer'}."
    )


def _short(value: float) -> str:
    return f"{value:.6g}".replace("-", "−")


def _show_notes(asked: _Asked, view: View, model: Path, screen: Console) -> None:
    from pellucid.cli.sources import pixel_name

    last = list(asked.network)[-2:-1]
    if view.place in last:
        told = "A neuron adds its activation, times its weight for the one output less that for the other."
    else:
        told = "Contributions by DeepLIFT's rescale rule, beside an empty image, which is 0 everywhere."
    if names_in(asked.network, view, short=screen.width < WIDE)[0] == pixel_name(0):
        told += " Rows and columns count from 0."
    screen.print(f"\n{told}", style="dim")
    if view.place == "input" and last:
        line = f"{command()} why {shlex.quote(str(model))} --digit {asked.seen.digit} --layer {last[0]}"
        screen.print(f"The same by neurons: {line}", soft_wrap=True)


# As JSON


def _as_json(asked: _Asked, view: View) -> dict[str, Any]:
    found = asked.found
    return {
        "digit": asked.seen.as_json(),
        "said": asked.said,
        "this": asked.this,
        "rather": asked.rather,
        "probabilities": {
            name: asked.probability(place)
            for name, place in ((asked.this, found.this), (asked.rather, found.rather))
            if name is not None and asked.said is not None
        },
        "outputs": [found.output, *([] if found.rather is None else [found.other])],
        "difference": found.difference,
        "of": view.place,
        "contributions": dict(zip(names_in(asked.network, view), view.bars.tolist(), strict=True)),
        "baseline": math.fsum(view.baseline.tolist()),
        "biases": {name: math.fsum(part.tolist()) for name, part in view.biases.items()},
        "at_zero": {name: math.fsum(part.tolist()) for name, part in view.at_zero.items()},
        "rounding": view.rounding,
        "counterfactual": None if asked.counterfactual is None else _change_as_json(asked.counterfactual),
    }


def _change_as_json(found: Counterfactual) -> dict[str, Any] | None:
    change = found.best
    if change is None:
        return None
    return {
        "neuron": f"{change.layer}/node_{change.node}",
        "before": change.before,
        "after": change.after,
        "answer": str(change.name),
        "reachable": change.reachable,
    }
