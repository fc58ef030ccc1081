"""``pellucid doctor``: look at the installation and the machine."""

from __future__ import annotations

import os
import platform
import warnings
from collections.abc import Callable
from typing import Final, NamedTuple

import typer

from pellucid.cli.options import Json
from pellucid.cli.screen import console, print_json

__all__ = ["doctor"]

_COLOURS: Final = {"ok": "green", "note": "yellow", "problem": "bold red"}
# Of the arrays, not of the packed files: those depend on the program that packed them.
_MNIST: Final = {
    "X_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "X_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}


class Finding(NamedTuple):
    """What a check found; status is ok, note or problem."""

    name: str
    status: str
    text: str


def doctor(json: Json = False) -> None:
    """Look at the installation and the machine.

    Each line is ok, a note, or a problem; the exit code is 1 if there is a problem.
    """
    findings = [_guarded(name, check) for name, check in _CHECKS.items()]
    problems = sum(finding.status == "problem" for finding in findings)
    if json:
        print_json({"ok": not problems, "checks": [finding._asdict() for finding in findings]})
    else:
        _show(findings, problems)
    if problems:
        raise typer.Exit(1)


def _guarded(name: str, check: Callable[[], tuple[str, str]]) -> Finding:
    """Return what a check found; one that fails, for whatever reason, has found a problem."""
    try:
        return Finding(name, *check())
    except Exception as error:  # noqa: BLE001  # a broken installation can raise anything
        return Finding(name, "problem", " ".join(f"{type(error).__name__}: {error}".split()))


def _show(findings: list[Finding], problems: int) -> None:
    from rich.table import Table
    from rich.text import Text

    screen = console()
    made = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        made.add_row(Text(finding.status, _COLOURS[finding.status]), finding.name, finding.text)
    screen.print(made)
    screen.print(f"\n{problems} problem{'s' if problems > 1 else ''} found." if problems else "\nAll is well.")


def _pellucid() -> tuple[str, str]:
    import pellucid

    return "ok", pellucid.__version__


def _python() -> tuple[str, str]:
    return "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def _numpy() -> tuple[str, str]:
    import numpy as np

    return ("ok" if int(np.__version__.split(".", maxsplit=1)[0]) >= 2 else "problem"), np.__version__


def _blas() -> tuple[str, str]:
    import numpy as np
    from threadpoolctl import threadpool_info

    np.ones((2, 2)) @ np.ones((2, 2))
    found = [library for library in threadpool_info() if library["user_api"] == "blas"]
    if not found:
        return "note", "none that tells its name"
    library = found[0]
    made_for = f" for {library['architecture']}" if library.get("architecture") else ""
    return "ok", f"{library['internal_api']} {library['version']}{made_for}, {library['num_threads']} threads"


def _installed(name: str) -> Callable[[], tuple[str, str]]:
    def check() -> tuple[str, str]:
        from importlib.metadata import version

        return "ok", version(name)

    return check


def _optional(name: str, extra: str, use: str) -> Callable[[], tuple[str, str]]:
    def check() -> tuple[str, str]:
        from importlib.metadata import PackageNotFoundError, version

        try:
            return "ok", version(name)
        except PackageNotFoundError:
            return "note", f"not installed; {use} needs it: install pellucid[{extra}]"

    return check


def _cores() -> tuple[str, str]:
    from pellucid.engine import usable_processors

    wished = os.environ.get("PELLUCID_NUM_THREADS")
    limit = "" if wished is None else f"; PELLUCID_NUM_THREADS is {wished}"
    return "ok", f"{usable_processors()} usable of {os.cpu_count() or 1}{limit}"


def _simd() -> tuple[str, str]:
    import numpy as np

    shown = np.show_config(mode="dicts")
    extensions = shown.get("SIMD Extensions", {}) if isinstance(shown, dict) else {}
    names = [*extensions.get("baseline", []), *extensions.get("found", [])]
    return ("ok", " ".join(names)) if names else ("note", "NumPy names none")


def _engine() -> tuple[str, str]:
    from pellucid.engine import default_backend, instruction_sets, is_built

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of is the finding
        backend = default_backend()
    if backend.exactness == "everywhere":
        return "ok", f"{backend.name}; same bits: everywhere"
    if instruction_sets():
        why = "as PELLUCID_ENGINE says"
    else:
        why = "this processor lacks AVX2 and FMA" if is_built() else "Pellucid was built without a C++ compiler"
    return "note", f"{backend.name}, slow: {why}"


def _mnist() -> tuple[str, str]:
    from hashlib import sha256

    from pellucid.datasets import load_mnist

    mnist = load_mnist()
    changed = [name for name, digest in _MNIST.items() if sha256(getattr(mnist, name)).hexdigest() != digest]
    if changed:
        return "problem", f"{', '.join(changed)} differ from what was published; install Pellucid anew"
    return "ok", "4 files, whole"


def _replay() -> tuple[str, str]:
    """Train a tiny network, go back, and train again: the bits must be the same."""
    from pellucid.datasets import load_toy
    from pellucid.network import Network

    toy = load_toy("xor", n=64)
    run = Network([2, 5, 2], seed=7).start(toy.X, toy.y, epochs=3, batch_size=16, learning_rate=0.01)
    run.finish()
    end = run.fingerprint
    run.seek(5)
    run.finish()
    if run.fingerprint != end:
        return "problem", f"a run gave {end[:16]}… and, again from step 5, {run.fingerprint[:16]}…"
    return "ok", f"{run.step} steps, the last 7 twice: {end[:16]}… both times"


_CHECKS: Final[dict[str, Callable[[], tuple[str, str]]]] = {
    "pellucid": _pellucid,
    "Python": _python,
    "NumPy": _numpy,
    "BLAS": _blas,
    "rich": _installed("rich"),
    "typer": _installed("typer"),
    "cores": _cores,
    "SIMD": _simd,
    "engine": _engine,
    "MNIST": _mnist,
    "replay": _replay,
    "Pillow": _optional("pillow", "images", "reading pictures of your own"),
    "Matplotlib": _optional("matplotlib", "notebook", "drawing in notebooks"),
}
