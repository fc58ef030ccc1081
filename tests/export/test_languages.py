"""Every language gives the engine's own bits: random networks, compiled, run and compared number by number."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from export.asking import CHAINS, Chain, ask, file_of, run, title
from export.fusing import exactly_fused, rounded, triples
from export.networks import HOSTILE, Case, cases, hostile
from judges import tool
from pellucid import Dense, Network
from pellucid.core import ACTIVATIONS
from pellucid.export import LANGUAGES, Program, name_from, program_of, sources

pytestmark = pytest.mark.judged  # by compilers; what the wheel holds is the same text

IN_FULL = os.environ.get("CI") == "true"
COUNT = 200 if IN_FULL else 40
TRIPLES = 40_000 if IN_FULL else 8_000


@dataclass(frozen=True)
class Asked:
    """A harness with its models: cases, then one with hostile names, then some whose examples are wrong."""

    chain: Chain
    folder: Path
    command: list[str]
    cases: Sequence[Case]
    wrong: range

    def ask(self, questions: Sequence[str]) -> list[str]:
        return ask(self.command, self.folder, questions)


@cache
def _cases() -> list[Case]:
    return cases(COUNT)


@pytest.fixture(scope="module", params=CHAINS, ids=lambda chain: chain.name)
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    chain = request.param
    folder = tmp_path_factory.mktemp(chain.language)
    chosen = [*_cases()[: max(13, round(COUNT * chain.share))], hostile()]
    programs = [case.program for case in chosen]
    zero = next(place for place, program in enumerate(programs) if (program.golden.outputs == 0).any())
    wrong = [one for place in {0, 3, 4, zero} for one in _wrong(programs[place])]
    command = chain.started(folder, [*programs, *wrong])
    return Asked(chain, folder, command, chosen, range(len(programs), len(programs) + len(wrong)))


def _wrong(program: Program) -> list[Program]:
    """The program with one bit of its last example changed; where it chooses a class, also with another class."""
    golden = program.golden
    outputs = golden.outputs.copy()
    outputs[-1, -1] = np.nextafter(outputs[-1, -1], outputs.dtype.type(-1000))
    found = [replace(program, name=f"{program.name}_bit", golden=replace(golden, outputs=outputs))]
    if (golden.outputs == 0).any():  # a zero of the other sign
        signed = np.where(golden.outputs == 0, -golden.outputs, golden.outputs)
        found.append(replace(program, name=f"{program.name}_sign", golden=replace(golden, outputs=signed)))
    if golden.places is not None:
        places = golden.places.copy()
        places[-1] = 1 - min(places[-1], 1)
        found.append(replace(program, name=f"{program.name}_place", golden=replace(golden, places=places)))
    return found


def _bits(numbers: np.ndarray) -> list[int]:
    return np.ascontiguousarray(numbers).view(f"u{numbers.itemsize}").tolist()


def _question(verb: str, model: int, numbers: np.ndarray) -> str:
    return " ".join(map(str, [verb, model, len(numbers), *_bits(numbers)]))


def _shown(numbers: np.ndarray) -> str:
    return " ".join(f"{bits:0{2 * numbers.itemsize}x}" for bits in _bits(numbers))


def test_every_language_is_asked() -> None:
    assert set(LANGUAGES) == {chain.language for chain in CHAINS}


def test_the_networks_are_of_every_kind() -> None:
    programs = [case.program for case in _cases()]
    layers = [layer for program in programs for layer in program.layers]
    assert {*ACTIVATIONS, "softmax", "exp"} == {layer.activation for layer in layers}
    assert {1, 2, 3, 4, 5, 6} == {len(program.layers) for program in programs}
    assert {0, 1} <= {len(program.scale) for program in programs} & {len(program.shift) for program in programs}
    assert any(program.units is not None for program in programs)
    outputs = np.concatenate([np.ravel(case.outputs) for case in _cases()])
    assert len(np.unique(outputs)) > 3 * COUNT


def test_outputs_have_the_engines_bits(asked: Asked) -> None:
    """Float for float: of large, tiny and subnormal numbers, and of zeros of either sign; and so has the class."""
    questions, expected = [], []
    for model, case in enumerate(asked.cases):
        for row, outputs, place in zip(case.rows, case.outputs, case.places, strict=True):
            questions.append(_question("m", model, row))
            expected.append(f"{_shown(outputs)} {place}")
    assert expected == asked.ask(questions)


def test_products_and_sums_are_rounded_once(asked: Asked) -> None:
    """a·b + c is that of exact fractions, also for ties, near ties, subnormal results and infinity."""
    given, answers = triples(TRIPLES)
    got = asked.ask([_question("f", 0, row) for row in given])
    assert [_shown(answers[place : place + 1]) for place in range(len(answers))] == got


def test_a_file_finds_its_own_errors(asked: Asked) -> None:
    """Its self-test is right, and wrong after one bit of one example has changed, or one class."""
    count = len(asked.cases)
    nothing = np.zeros(0, np.float32)
    got = asked.ask([_question("s", model, nothing) for model in [*range(count), *asked.wrong]])
    assert ["right"] * count + ["wrong"] * len(asked.wrong) == got


def test_names_come_back(asked: Asked) -> None:
    """Quotes, backslashes, ends of comments and of lines, signs that turn a line around: each is the same text."""
    (answer,) = asked.ask([_question("n", len(asked.cases) - 1, np.zeros(0, np.float32))])
    names, features = ([bytes.fromhex(word).decode() for word in part.split()] for part in answer.split("|"))
    assert list(HOSTILE) == names
    assert list(HOSTILE[::-1]) == features


def test_a_row_of_another_length_is_refused(asked: Asked) -> None:
    if asked.chain.language == "c":
        pytest.skip("a pointer has no length")
    widths = [case.program.n_in for case in asked.cases]
    questions = [f"w {model} {width + more}" for model, width in enumerate(widths) for more in (-1, 1)]
    assert ["refused"] * len(questions) == asked.ask(questions)


def test_exact_fractions_are_rounded_as_floats_are() -> None:
    """The judge of `fused` is itself checked against NumPy, where 64 bits hold the exact sum."""
    rng = np.random.default_rng(1)
    for a, b, c in rng.integers(-4096, 4096, (2000, 3)) * 2.0 ** rng.integers(-70, 40, (2000, 1)):
        exact = float(a * b + c)
        if exact.is_integer() or abs(exact) < 1:
            with np.errstate(over="ignore"):
                expected = np.float32(exact)
            found = exactly_fused(float(a), float(b), float(c))
            if a * b + c - c == a * b and a * b + c - a * b == c:
                assert expected == np.float32(found)
    assert float("inf") == rounded(2**128 - 2**103)
    assert float(np.finfo(np.float32).max) == rounded(2**128 - 2**103 - 1)


@pytest.mark.parametrize("language", ["python", "column", "javascript", "java", "csharp", "rust"])
def test_the_self_test_on_the_command_line(language: str, tmp_path: Path) -> None:
    net = Network([3, 4, 2], classes=["no", "yes"], seed=1)
    program = program_of(net.spec, net._parameters, net._backend, "digits")
    (wrong, _) = _wrong(program)
    for place, one in enumerate((program, replace(wrong, name="digits"))):
        folder = tmp_path / str(place)
        folder.mkdir()
        path = folder / file_of(language, one, next(iter(LANGUAGES[language])))
        path.write_text(next(iter(sources(one, language).values())), encoding="utf-8")
        command = _self_test(language, folder, path.name)
        done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
        assert (done.returncode == 0) == (place == 0), done.stdout + done.stderr


def _self_test(language: str, folder: Path, file: str) -> list[str]:
    """Compile as the file's head says, and return the command that checks the examples."""
    if language in {"python", "column"}:
        return [sys.executable, file, "--self-test"]
    if language == "javascript":
        return [tool("node", "nodejs"), file, "--self-test"]
    if language == "java":
        run([tool("javac", "default-jdk-headless"), file], folder)
        return [tool("java", "default-jdk-headless"), title("digits"), "--self-test"]
    if language == "csharp":
        run([tool("mcs", "mono-mcs"), "-define:DIGITS_MAIN", "-warnaserror", file], folder)
        return [tool("mono", "mono-runtime"), "Digits.exe"]
    run([tool("rustc", "rustc"), "--edition", "2021", "--test", "-D", "warnings", file, "-o", "digits"], folder)
    return ["./digits"]


def test_java_compiles_large_networks(tmp_path: Path) -> None:
    """A class file has room for 64 KB of code, of a text and of constants; all three would be too little here."""
    javac, java = tool("javac", "default-jdk-headless"), tool("java", "default-jdk-headless")
    features = [f"a feature with the number {i}" for i in range(20_000)]
    nets = {
        "wide": Network([784, 1024, 10], seed=0),
        "long": Network([20_000, 2], features=features, classes=["a", "b" * 70_000], seed=0),
        "deep": Network([4] * 800 + [2], seed=0),
    }
    for name, net in nets.items():
        program = program_of(net.spec, net._parameters, net._backend, name)
        (tmp_path / f"{title(name)}.java").write_text(sources(program, "java")[".java"], encoding="utf-8")
    run([javac, *(f"{title(name)}.java" for name in nets)], tmp_path)
    for name in nets:
        assert "right" in run([java, title(name), "--self-test"], tmp_path)


def test_rust_needs_no_std(tmp_path: Path) -> None:
    """The file is a module of a crate without std, and a crate by itself."""
    rustc = tool("rustc", "rustc")
    program = hostile().program
    (tmp_path / "net_hostile.rs").write_text(sources(program, "rust")[".rs"], encoding="utf-8")
    (tmp_path / "lib.rs").write_text("#![no_std]\npub mod net_hostile;\n", encoding="utf-8")
    for root in ("lib.rs", "net_hostile.rs"):
        for edition in ("2018", "2021"):
            run([rustc, "--edition", edition, "--crate-type", "lib", "-D", "warnings", root], tmp_path)


def test_no_name_is_that_of_a_part_of_the_file(tmp_path: Path) -> None:
    """A class of C# has no member of its own name: such a name gets another ending."""
    mcs = tool("mcs", "mono-mcs")
    net = Network(
        [2, Dense(3, "gelu"), Dense(3, "softplus"), Dense(3, "selu"), 2], classes=["a", "b"], features=["c", "d"]
    )
    text = sources(program_of(net.spec, net._parameters, net._backend, "net"), "csharp")[".cs"]
    for word in sorted(set(re.findall(r"\b[A-Z]\w+(?= =|\()|(?<=class )\w+|(?<=struct )\w+", text)) - {"Net"}):
        name = name_from(word)
        program = program_of(net.spec, net._parameters, net._backend, name)
        (tmp_path / f"{title(name)}.cs").write_text(sources(program, "csharp")[".cs"], encoding="utf-8")
    run([mcs, "-target:library", "-out:names.dll", "*.cs"], tmp_path)


@pytest.mark.parametrize("name", ["a@b.mjs", "a b.mjs", "a&c.mjs", "ünï.mjs", "a#b.mjs", "a%20b.mjs", "linked"])
def test_a_script_of_any_name_tests_itself(name: str, tmp_path: Path) -> None:
    """It says so, also when it is started through a link; a script that imports it is not taken for it."""
    node = tool("node", "nodejs")
    net = Network([3, 4, 2], seed=1)
    path = tmp_path / ("net.mjs" if name == "linked" else name)
    path.write_text(sources(program_of(net.spec, net._parameters, net._backend, "net"), "javascript")[".mjs"])
    if name == "linked":
        (tmp_path / "linked.mjs").symlink_to(path)
    started = tmp_path / ("linked.mjs" if name == "linked" else name)
    assert run([node, started.name, "--self-test"], tmp_path) == "net: right to the last bit (3 examples)\n"
    (tmp_path / "main.mjs").write_text(f"await import({started.as_uri()!r});\n")
    assert "" == run([node, "main.mjs", "--self-test"], tmp_path)


def test_a_script_may_have_large_tables(tmp_path: Path) -> None:
    """More numbers in one row than a function may have arguments."""
    node = tool("node", "nodejs")
    net = Network([2, 70_000, 1], loss="mse", seed=0)
    text = sources(program_of(net.spec, net._parameters, net._backend, "wide"), "javascript")[".mjs"]
    (tmp_path / "wide.mjs").write_text(text)
    assert "right" in run([node, "wide.mjs", "--self-test"], tmp_path)


FAST = ["-ffast-math", "-funsafe-math-optimizations", "-freciprocal-math", "-fassociative-math -fno-signed-zeros"]


@pytest.mark.parametrize("flags", [*FAST, "-fsingle-precision-constant"])
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_no_flag_of_the_compiler_changes_a_bit(compiler: str, flags: str, tmp_path: Path) -> None:
    """A header that would be computed otherwise does not compile, or is computed as it is written all the same."""
    if compiler == "clang" and flags not in {"-ffast-math", "-freciprocal-math"}:
        pytest.skip("clang has no such flag, or tells a header nothing of it: docs/exporting.md warns of them")
    chosen = [case.program for case in _cases()[:26]]
    for program in chosen:
        (tmp_path / f"{program.name}.h").write_text(sources(program, "c")[".h"], encoding="utf-8")
    included = "".join(f'#define {one.name.upper()}_SELF_TEST\n#include "{one.name}.h"\n' for one in chosen)
    tested = "".join(f"    wrong += {one.name}_self_test(scratch) != 0;\n" for one in chosen)
    counted = f"    static float scratch[999];\n    int wrong = 0;\n{tested}    return wrong;\n"
    (tmp_path / "main.c").write_text(f"{included}int main(void) {{\n{counted}}}\n", encoding="utf-8")
    options = ["-O3", "-march=native", "-fno-trapping-math", *flags.split()]
    built = subprocess.run(
        [tool(compiler, compiler), *options, "main.c", "-o", "main"], cwd=tmp_path, capture_output=True, check=False
    )
    if built.returncode == 0:
        assert 0 == subprocess.run(["./main"], cwd=tmp_path, check=False).returncode
    else:
        assert b"which changes the results" in built.stderr or b"doubles_are_whole" in built.stderr


@pytest.mark.parametrize("target", ["sapphirerapids", "armv8.2-a+fp16", "cortex-m55"])
def test_processors_with_half_floats_take_the_header(target: str, tmp_path: Path) -> None:
    """Gcc says there that floats may have another format, of which these are none."""
    compiler, package = {
        "sapphirerapids": ("gcc", "gcc"),
        "armv8.2-a+fp16": ("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu"),
        "cortex-m55": ("arm-none-eabi-gcc", "gcc-arm-none-eabi"),
    }[target]
    program = hostile().program
    (tmp_path / "net.h").write_text(sources(program, "c")[".h"], encoding="utf-8")
    (tmp_path / "net.c").write_text('#include "net.h"\n', encoding="utf-8")
    kind = ["-mcpu=cortex-m55", "-mfloat-abi=hard"] if target == "cortex-m55" else [f"-march={target}"]
    run([tool(compiler, package), "-std=gnu11", *kind, "-O2", "-c", "net.c"], tmp_path)


def test_go_is_laid_out_as_gofmt_does(tmp_path: Path) -> None:
    gofmt = tool("gofmt", "golang-go")
    for case in [*_cases()[:40], hostile()]:
        (tmp_path / f"{case.program.name}.go").write_text(sources(case.program, "go")[".go"], encoding="utf-8")
    assert "" == run([gofmt, "-d", "."], tmp_path)
