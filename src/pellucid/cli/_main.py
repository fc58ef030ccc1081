"""The way in: builds the command, and turns whatever goes wrong into one line and an exit code.

======  =========================================================================
code    meaning
======  =========================================================================
0       done
1       ``doctor`` found a problem; the reader of a pipe went away; a bug
2       what was asked for cannot be done: one line on standard error says why
130     Ctrl-C; what was there until then has been shown and saved
======  =========================================================================
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from typing import Annotated, TextIO

import typer

import pellucid
from pellucid.cli.check import check
from pellucid.cli.demo import demo
from pellucid.cli.diagnose import diagnose
from pellucid.cli.doctor import doctor
from pellucid.cli.explore import explore
from pellucid.cli.export import export
from pellucid.cli.import_ import import_
from pellucid.cli.predict import predict
from pellucid.cli.rewind import rewind
from pellucid.cli.screen import without_controls
from pellucid.cli.show import show
from pellucid.cli.train import train
from pellucid.cli.why import why
from pellucid.errors import PellucidError, PellucidWarning

__all__ = ["app", "main"]

# Newer releases of typer carry a click of their own; its errors are reached through the one that typer shows.
_CommandError: type[Exception] = typer.BadParameter.__mro__[2]

# What the releases of typer say where a number was to be given.
_NUMBERS = {"valid integer": "a whole number", "valid float": "a number", "valid number": "a number"}

app = typer.Typer(
    name="pellucid",
    help="Feed-forward neural networks in which every number can be looked at.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (demo, train, explore, predict, show, why, rewind, diagnose, export, import_, check, doctor):
    app.command(command.__name__.rstrip("_"))(command)


@app.callback(invoke_without_command=True)
def _start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    if version:
        print(f"pellucid {pellucid.__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see the table above.

    Parameters
    ----------
    arguments : list of str, or None for those of the process
        Without the program's name.
    """
    for stream in (sys.stdout, sys.stderr):
        _tolerate(stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always", PellucidWarning)
        warnings.showwarning = _show_warning
        try:
            code = _run(arguments)
            sys.stdout.flush()
        except BrokenPipeError:
            return _pipe_closed()
    return code


def _run(arguments: Sequence[str] | None) -> int:
    """Run the command; return its exit code, after one line where it failed."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = typer.main.get_command(app).main(given, prog_name="pellucid", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except SystemExit as leaving:  # rich and typer leave so when the reader of a pipe has gone
        code = 1 if leaving.code is None else leaving.code
    except BrokenPipeError:
        raise
    except Exception as error:
        known = _explained(error, given)
        if known is None and os.environ.get("PELLUCID_DEBUG") == "1":
            raise
        message = known or (
            f"this is a bug in Pellucid: {type(error).__name__}: {error}. Please report it, together with what the "
            "same command prints after PELLUCID_DEBUG=1 was set."
        )
        print("pellucid: error:", without_controls(" ".join(message.split())), file=sys.stderr)
        code = 1 if known is None else 2
    return code if isinstance(code, int) else 0


def _explained(error: Exception, given: Sequence[str]) -> str | None:
    """Return what to say of an error that was to be reckoned with, or None."""
    if isinstance(error, _CommandError):
        return _usage(error, given)
    if isinstance(error, PellucidError):
        return str(error)
    if isinstance(error, MemoryError):
        return "the network, or the data, does not fit into memory. Make it smaller."
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}."
    return None


def _usage(error: Exception, given: Sequence[str]) -> str:
    """Return what typer has to say about wrong usage, and where help is."""
    message = _no_number(error, given)
    if message is None:
        message = error.format_message() if hasattr(error, "format_message") else str(error)
    context = getattr(error, "ctx", None)
    place = context.command_path if context is not None else "pellucid"
    return f"{message}{'' if message.endswith(('.', '?')) else '.'} See {place} --help."


def _no_number(error: Exception, given: Sequence[str]) -> str | None:
    """Return what to say where an option wants a number and got something else, or None."""
    option, message = getattr(error, "param", None), getattr(error, "message", "")
    kind = next((kind for sign, kind in _NUMBERS.items() if sign in message), None)
    if not isinstance(error, typer.BadParameter) or option is None or kind is None:
        return None
    values = list(_values(option.opts[0], given))
    return f"{option.opts[0]} must be {kind}; {values[-1]!r} was given" if values else None


def _values(option: str, given: Sequence[str]) -> Iterator[str]:
    """Yield what a command line gives for an option."""
    for place, argument in enumerate(given):
        if argument == option and place + 1 < len(given):
            yield given[place + 1]
        elif argument.startswith(f"{option}="):
            yield argument.removeprefix(f"{option}=")


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    print("pellucid: note:", without_controls(" ".join(str(message).split())), file=sys.stderr)


def _tolerate(stream: TextIO) -> None:
    """Let a stream that cannot write every character, such as an ASCII one, put ? for those."""
    if (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "") != "utf8" and hasattr(
        stream, "reconfigure"
    ):
        stream.reconfigure(errors="replace")


def _pipe_closed() -> int:
    """Let the end of the process find nothing to complain about: what is still to be written goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return 1
