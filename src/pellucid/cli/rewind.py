"""``pellucid rewind``: a run of a file, on any step that it made."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from pellucid.cli.change import change_as_json, show_change
from pellucid.cli.figures import figure, figure_label
from pellucid.cli.options import Data, DataSeed, Digit, Json, Noise, Points
from pellucid.cli.rows import Given, Rows, run_of
from pellucid.cli.screen import console, note, percent, print_json
from pellucid.errors import DataError, SettingError, brief

if TYPE_CHECKING:
    from rich.console import Console

    from pellucid.cli.sources import Seen
    from pellucid.network import Moment, Network, NodeView, Run

__all__ = ["rewind"]

_SOON: Final = 1.0  # seconds of which nothing is said


def rewind(
    file: Annotated[Path, typer.Argument(metavar="RUN", help="The file of a run, as train --run writes it.")],
    step: Annotated[int, typer.Option("--step", metavar="K", help="How many steps were made by then; 0 is the start.")],
    neuron: Annotated[
        str | None, typer.Option("--neuron", metavar="NAME", help="Show a neuron then, such as layer_1/node_3.")
    ] = None,
    weight: Annotated[
        str | None,
        typer.Option("--weight", metavar="INPUT", help="Show what the step makes of its weight: 0, 1, … or a name."),
    ] = None,
    bias: Annotated[bool, typer.Option("--bias", help="Show what the step makes of its bias.")] = False,
    digit: Digit = None,
    data: Data = None,
    points: Points = None,
    noise: Noise = None,
    seed: DataSeed = None,
    json: Json = False,
) -> None:
    """Stand on any step of a run, and look around.

    The loss, the gradient and the accuracy then; with --neuron a neuron; with --weight or --bias how the step makes
    one new number, line by line, and how the number came there. The data are found where pellucid train named them.
    """
    from pellucid.cli.sources import names_of_inputs, passed, refuse_network
    from pellucid.cli.weight import Weight

    _refuse_halves(neuron, weight, bias)
    refuse_network(file)
    run, rows = run_of(file, Given(data, points, noise, seed))
    place = None
    if neuron is not None:
        named = _node(run.network, neuron)
        place = None if weight is None else _place(named, names_of_inputs(run.network, named.layer, short=True), weight)
    moment = _at(run, step, needs_batch=bias or weight is not None)
    network, end = moment.network, run.network
    seen = None if digit is None else (passed(network, digit), passed(end, digit))
    node = None if neuron is None else _node(network, neuron)
    asked = None
    if node is not None and (bias or weight is not None):
        asked = Weight(run, moment, node.layer, node.number, place)
    if json:
        told = {"run": str(file), **_moment_as_json(run, moment, rows)}
        told |= {} if seen is None else {"digit": _digit_as_json(network, end, *seen)}
        told |= {} if node is None else {"neuron": change_as_json(run, node, seen)}
        told |= {} if asked is None else asked.as_json()
        print_json(told)
        return
    screen = console()
    _show_moment(file, run, moment, rows, screen)
    if seen is not None:
        screen.print(f"\n{_digit_told(run, network, *seen)}")
    if node is not None:
        show_change(run, moment, node, seen, screen)
    if asked is not None:
        asked.show(screen)


def _refuse_halves(neuron: str | None, weight: str | None, bias: bool) -> None:
    if weight is not None and bias:
        raise SettingError("--weight and --bias ask for two numbers; one is shown at a time. Leave one of them out.")
    if neuron is None and (weight is not None or bias):
        option = "--bias" if bias else "--weight"
        raise SettingError(f"{option} is of a neuron, and none was given. Give one too: --neuron layer_1/node_3.")


def _place(node: NodeView, names: list[str], weight: str) -> int:
    """Return which input a weight is of, by its place or its name."""
    n = len(node.weights)
    if weight in names:
        return names.index(weight)
    if not (weight.isdecimal() and int(weight) < n):
        raise SettingError(
            f"--weight is the place of an input of {node.layer}, 0 … {n - 1}, or its name; {weight!r} was given."
        )
    return int(weight)


def _node(network: Network, neuron: str) -> NodeView:
    layer, _, name = neuron.partition("/")
    if not name:
        raise SettingError(f"--neuron {neuron} names no neuron. Give a layer and a node: {neuron or 'layer_1'}/node_1.")
    return network[layer][name]


def _at(run: Run, step: int, *, needs_batch: bool) -> Moment:
    """Return the moment, after saying how long it takes to get there, where that is long."""
    if not 0 <= step <= run.last_step:
        raise SettingError(f"--step must lie in 0 … {run.last_step}, the steps that the run made; {step} was given.")
    if needs_batch and step == run.last_step and run.at(step).batch is None:
        raise SettingError(
            f"--weight and --bias show the step that is made from --step, and from {step} none is: there the run "
            f"ends. Give --step {max(0, step - 1)}, from which the last one was made."
        )
    seconds = run.seek_cost(step)
    if seconds > _SOON:
        note(f"the steps up to {step:,} are performed again, which takes about {math.ceil(seconds)} s.")
    return run.at(step)


# The moment


def _epochs(run: Run, moment: Moment) -> tuple[int, int]:
    """Return in which epoch a moment lies, and how many there are, whatever was changed on the way."""
    asked = [run.recipe.epochs, *(edit.settings["epochs"] for edit in run.edits if "epochs" in edit.settings)]
    return min(moment.epoch, asked[-1]), asked[-1]


def _show_moment(file: Path, run: Run, moment: Moment, rows: Rows, screen: Console) -> None:
    epoch, epochs = _epochs(run, moment)
    place = f"step {moment.step:,} of {run.total_steps:,}, epoch {epoch} of {epochs}"
    screen.print(f"{file}: {place}.\n", soft_wrap=True, style="bold")
    lines = []
    if moment.batch is not None:
        lines += [
            ("loss", f"{moment.loss:.4g}", f"of step {moment.step + 1:,}, on its {len(moment.batch):,} rows"),
            ("learning rate", f"{moment.learning_rate:.4g}", "of that step"),
            ("gradient norm", f"{moment.gradient_norm:.4g}", "√(Σ g²), over all parameters"),
        ]
    many = len(rows.y_test)
    tested, untold = _tested(moment, rows)
    for name, value in tested.items():
        of = "" if rows.tested == "rows of X" else "test "  # all that was given: learnt from, or held out
        lines.append((f"{of}{figure_label(name, run.network)}", figure(name, value), f"on {many:,} {rows.tested}"))
    labels, values = (max((len(line[part]) for line in lines), default=0) for part in (0, 1))
    for label, shown, about in lines:
        line = f"{label:<{labels}}  {shown:<{values}}"
        screen.print(f"{line}  {about}" if len(line) + len(about) + 2 <= screen.width else line.rstrip())
    if untold is not None:
        screen.print(f"Not tested: {untold}")
    changes = sum(edit.step <= moment.step for edit in run.edits)
    if changes:
        screen.print(f"{changes:,} change{'s' if changes > 1 else ''} of the run up to here")
    screen.print(f"\nfingerprint {moment.fingerprint}", soft_wrap=True)
    if moment.batch is None:
        screen.print(f"From here no step is made: {brief(run.ended or 'the run has come no farther')}.")


def _tested(moment: Moment, rows: Rows) -> tuple[dict[str, float], str | None]:
    """Return what is measured on the test rows, or why a network, such as one that diverged, cannot be measured."""
    try:
        return moment.network.evaluate(rows.X_test, rows.y_test), None
    except DataError as error:
        return {}, str(error)


def _moment_as_json(run: Run, moment: Moment, rows: Rows) -> dict[str, Any]:
    epoch, epochs = _epochs(run, moment)
    return {
        "step": moment.step,
        "last_step": run.last_step,
        "total_steps": run.total_steps,
        "epoch": epoch,
        "epochs": epochs,
        "batch": None if moment.batch is None else moment.batch.tolist(),
        "loss": moment.loss,
        "learning_rate": moment.learning_rate,
        "gradient_norm": moment.gradient_norm if moment.goes_on else None,
        "test": _tested(moment, rows)[0],
        "fingerprint": moment.fingerprint,
        "edits": sum(edit.step <= moment.step for edit in run.edits),
    }


# A digit


def _digit_told(run: Run, network: Network, then: Seen, last: Seen) -> str:
    from pellucid.cli.sources import answer

    first, second = answer(network, then), answer(run.network, last)
    if first is None or second is None:
        return f"The test image of {then.told}."
    return (
        f"The test image of {then.told}, is read as {first[0]} ({percent(first[1])}) here, "
        f"and as {second[0]} ({percent(second[1])}) where the run stands."
    )


def _digit_as_json(network: Network, end: Network, then: Seen, last: Seen) -> dict[str, Any]:
    from pellucid.cli.sources import answer

    told: dict[str, Any] = dict(then.as_json())
    for name, (of, seen) in {"then": (network, then), "at_the_end": (end, last)}.items():
        said = answer(of, seen)
        told[name] = None if said is None else {"prediction": said[0], "probability": said[1]}
    return told
