"""``pellucid diagnose``: what is wrong with a network or a run, with its proof, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from pellucid.cli.options import Data, DataSeed, Json, Noise, Points
from pellucid.cli.rows import Given, rows_for, run_of
from pellucid.cli.screen import console, note, print_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from pellucid.insight import Diagnosis, Finding

__all__ = ["diagnose"]

_COLOURS: Final = {"note": "cyan", "warning": "yellow", "serious": "bold red"}
_MOST: Final = 5  # neurons, and rows in doubt, that are named
_LONG: Final = 3000  # steps from which on a diagnosis takes a while


def diagnose(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file of a network or of a run.")],
    data: Data = None,
    points: Points = None,
    noise: Noise = None,
    seed: DataSeed = None,
    json: Json = False,
) -> None:
    """Look for what is wrong with a network or a run.

    Each finding comes with its numbers and with what to do about it. Of a run, its whole course is looked at; of a
    network, what it makes of the rows. To find something is no failure: the exit code is 0.
    """
    given = Given(data, points, noise, seed)
    what, found = _found(file, given)
    if json:
        print_json({"file": str(file), "kind": what, **_as_json(found)})
        return
    screen = console()
    looked = f"{found.n_rows:,} rows" + (f" and {len(found.steps)} steps" if found.steps else "")
    many = f"{len(found):,} finding{'' if len(found) == 1 else 's'}" if len(found) else "nothing was found"
    screen.print(f"{file}, a {what}: {many}, on {looked}.", soft_wrap=True, style="bold")
    if len(found):
        screen.print()
        screen.print(_table(found))
    _say_in_all(found, screen)


def _found(file: Path, given: Given) -> tuple[str, Diagnosis]:
    """Return what a file is, and what is wrong with it."""
    from pellucid.files import read
    from pellucid.network import Network

    if read(file).kind == "pellucid.run":
        run, _ = run_of(file, given)
        if run.last_step >= _LONG:
            note(f"steps out of {run.last_step:,} are performed again; that may take some seconds.")
        return "run", run.diagnose()
    network = Network.load(file)
    rows = rows_for(given, network.spec.input.width)
    return "network", network.diagnose(rows.X, rows.y)


def _table(found: Diagnosis) -> Table:
    """Return findings as a table: how severe, and beside it what, where, the proof and the remedy."""
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True)
    made.add_column()
    for place, finding in enumerate(found):
        if place:
            made.add_row()
        made.add_row(Text(finding.severity, _COLOURS.get(finding.severity, "")), _told(finding))
    return made


def _told(finding: Finding) -> Text:
    from rich.text import Text

    where = _where(finding)
    lines = [Text.assemble((_what(finding), "bold"), f" in {where}" if where else "", _since(finding))]
    lines.append(Text(finding.sentence))
    lines += [Text(f"row {row.row:,}: {row.given}, probably {row.suggested}", "dim") for row in finding.rows[:_MOST]]
    if len(finding.rows) > _MOST:
        lines.append(Text(f"and {len(finding.rows) - _MOST:,} more rows; --json lists all of them", "dim"))
    lines.append(Text(f"→ {finding.remedy}", "green"))
    return Text("\n").join(lines)


def _what(finding: Finding) -> str:
    return finding.kind.replace("_", " ")


def _where(finding: Finding) -> str:
    """Return where it was found: a layer, and its neurons as far as there is room."""
    if finding.layer is None:
        return ""
    if not finding.neurons:
        return finding.layer
    named = ", ".join(f"node_{j}" for j in finding.neurons[:_MOST])
    more = len(finding.neurons) - _MOST
    return f"{finding.layer}: {named}{f' and {more:,} more' if more > 0 else ''}"


def _since(finding: Finding) -> str:
    return "" if finding.step is None else f", from step {finding.step:,} on"


def _say_in_all(found: Diagnosis, screen: Console) -> None:
    if not found.healthy:
        return
    told = "All is well" if not len(found) else "Nothing of this is worse than a note"
    screen.print(f"\n{told}.", style="green")


# As JSON


def _as_json(found: Diagnosis) -> dict[str, Any]:
    return {
        "healthy": found.healthy,
        "n_rows": found.n_rows,
        "steps": list(found.steps),
        "findings": [_finding_as_json(finding) for finding in found],
    }


def _finding_as_json(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "layer": finding.layer,
        "neurons": list(finding.neurons),
        "step": finding.step,
        "sentence": finding.sentence,
        "evidence": {name: _plain(value) for name, value in finding.evidence.items()},
        "remedy": finding.remedy,
        "change": {name: _plain(value) for name, value in finding.change.items()},
        "rows": [
            {"row": one.row, "given": _plain(one.given), "suggested": _plain(one.suggested), "doubt": float(one.doubt)}
            for one in finding.rows
        ],
    }


def _plain(value: Any) -> Any:
    """Return a number, a text or an array of NumPy as JSON knows them; anything else by its text."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
