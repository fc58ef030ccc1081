"""How each language's programs are compiled into one harness, and asked: see `harness/`, where its questions are told.

A question is a line: a verb, which model, how many numbers there are, and their bits as whole numbers. The verbs are m
(what does the model make of this row?), s (is its self-test right?), w (does it refuse a row of so many zeros?), f
(what is a·b + c?) and n (what are its classes and its inputs called?).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from judges import judge, tool
from pellucid.export import Program, sources

__all__ = ["CHAINS", "Chain"]

HARNESS = Path(__file__).parent / "harness"

_WARNINGS = ("-Wall", "-Wextra", "-Werror", "-pedantic")


@dataclass(frozen=True)
class Chain:
    """A language with what compiles it.

    Attributes
    ----------
    name : what the tests call it
    language : its name in pellucid.export.LANGUAGES
    build : compiles the harness in a folder, and returns the command that runs it
    share : how many of the networks it is given: the second, third and fourth compilers of a language get fewer
    """

    name: str
    language: str
    build: Callable[[Path], list[str]]
    share: float = 1.0

    def started(self, folder: Path, programs: Sequence[Program]) -> list[str]:
        """Write and compile programs with their harness, and return the command that asks them."""
        for place, program in enumerate(programs):
            for ending, text in sources(program, self.language).items():
                path = folder / file_of(self.language, program, ending)
                path.parent.mkdir(exist_ok=True)
                path.write_text(text if place else _opened(self.language, text), encoding="utf-8")
        kind = {"column": "python"}.get(self.language, self.language)
        template = next(HARNESS.glob(f"{kind}.*.txt"))
        ending = template.name.split(".")[1]
        name = {"java": "Harness", "rust": "main"}.get(kind, "harness")
        (folder / f"{name}.{ending}").write_text(harness(template, programs), encoding="utf-8")
        return self.build(folder)


def ask(command: list[str], folder: Path, questions: Sequence[str]) -> list[str]:
    """Ask a harness, and return an answer for each question."""
    given = "\n".join(questions) + "\n"
    done = subprocess.run(command, cwd=folder, input=given, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    answers = [line.strip() for line in done.stdout.splitlines()]
    assert len(questions) == len(answers)
    return answers


def run(command: Sequence[str], folder: Path, **environment: str) -> str:
    """Run a compiler, without a word of warning, and return what it says."""
    kept = {**os.environ, **environment}
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False, env=kept)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    return done.stdout


def title(name: str) -> str:
    """Return a name as classes are written."""
    return "".join(part.capitalize() for part in name.split("_"))


def file_of(language: str, program: Program, ending: str) -> str:
    """Return where a program's file stands."""
    if language in {"java", "csharp"}:
        return title(program.name) + ending
    return f"{program.name}/{program.name}{ending}" if language == "go" else program.name + ending


def _opened(language: str, text: str) -> str:
    """Return a program whose fused multiply-add can be called from outside."""
    found = {
        "javascript": (text + "export { fused };\n"),
        "csharp": text.replace("private static float Fused(", "internal static float Fused("),
        "rust": text.replace("\nfn fused(", "\npub fn fused("),
        "go": text + "\nfunc Fused(a, b, c float32) float32 { return fused(a, b, c) }\n",
    }.get(language, text)
    assert found != text or language in {"c", "python", "column", "java"}
    return found


def harness(template: Path, programs: Sequence[Program]) -> str:
    """Return a harness: lines that begin with @each@, or @each kind@, stand there for each program (of that kind)."""
    lines: list[str] = []
    block: list[tuple[str, str]] = []
    for line in [*template.read_text(encoding="utf-8").splitlines(), ""]:
        if each := re.match(r"@each ?(\w*)@ (.*)", line):
            block.append((each[1], each[2]))
            continue
        for place, program in enumerate(programs):
            lines += [_named(text, place, program) for kind, text in block if kind in {"", _kind(program)}]
        block.clear()
        lines.append(line.replace("@first@", programs[0].name).replace("@First@", title(programs[0].name)))
    return "\n".join(lines)


def _named(text: str, place: int, program: Program) -> str:
    name = program.name
    for mark, value in {"@i@": str(place), "@name@": name, "@NAME@": name.upper(), "@Name@": title(name)}.items():
        text = text.replace(mark, value)
    return text


def _kind(program: Program) -> str:
    if program.chooses:
        return "named" if program.names is not None else "numbered"
    return "values" if program.units is None else "units"


def _c(compiler: str, package: str, *flags: str) -> Callable[[Path], list[str]]:
    def build(folder: Path) -> list[str]:
        run([tool(compiler, package), *flags, *_WARNINGS, "harness.c", "-o", "harness"], folder)
        return ["./harness"]

    return build


def _javascript(folder: Path) -> list[str]:
    return [tool("node", "nodejs"), "harness.mjs"]


def _chromium(folder: Path) -> list[str]:
    judge("playwright.sync_api")
    return [sys.executable, str(Path(__file__).with_name("in_chromium.py")), tool("chromium", "chromium")]


def _python(folder: Path) -> list[str]:
    return [sys.executable, "harness.py"]


def _java(folder: Path) -> list[str]:
    sources = sorted(path.name for path in folder.glob("*.java"))
    javac, java = tool("javac", "default-jdk-headless"), tool("java", "default-jdk-headless")
    run([javac, "-J-XX:TieredStopAtLevel=1", "-Xlint:all", "-Werror", *sources], folder, LC_ALL="C")
    return [java, "Harness"]


def _java_without(folder: Path) -> list[str]:
    java, harness = _java(folder)
    return [java, "-XX:-UseFMA", harness]


def _csharp(folder: Path) -> list[str]:
    mcs, mono = tool("mcs", "mono-mcs"), tool("mono", "mono-runtime")
    run([mcs, "-warnaserror", "-optimize", "-out:harness.exe", "*.cs"], folder, LC_ALL="C")
    return [mono, "harness.exe"]


def _rust(folder: Path) -> list[str]:
    run([tool("rustc", "rustc"), "--edition", "2021", "-O", "-D", "warnings", "main.rs", "-o", "harness"], folder)
    return ["./harness"]


def _go(folder: Path) -> list[str]:
    (folder / "go.mod").write_text("module harness\n\ngo 1.18\n", encoding="utf-8")
    apart = {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local", "GO111MODULE": "on"}
    places = {"GOPATH": str(folder / "path"), "GOCACHE": str(folder / "cache")}
    run([tool("go", "golang-go"), "build", "-o", "harness.out", "."], folder, **apart, **places)
    return ["./harness.out"]


CHAINS = (
    Chain("c", "c", _c("gcc", "gcc", "-std=c99", "-O2")),
    Chain("c, fused by the processor", "c", _c("gcc", "gcc", "-O3", "-march=native", "-ffp-contract=fast"), 0.25),
    Chain("c, by clang", "c", _c("clang", "clang", "-std=c99", "-O2")),
    Chain("c as C++", "c", _c("g++", "g++", "-x", "c++", "-O1"), 0.25),
    Chain("javascript", "javascript", _javascript),
    Chain("javascript in Chromium", "javascript", _chromium),
    Chain("python", "python", _python),
    Chain("column", "column", _python),
    Chain("java", "java", _java),
    Chain("java, without the instruction", "java", _java_without, 0.1),
    Chain("csharp", "csharp", _csharp),
    Chain("rust", "rust", _rust),
    Chain("go", "go", _go),
)
