"""The C header on microcontrollers: Cortex-M3 without and M4F with a floating-point unit, emulated by qemu."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid import Dense, Network
from pellucid.core import ACTIVATIONS
from pellucid.export import program_of, sources

pytestmark = pytest.mark.judged

FIRMWARE = Path(__file__).parent / "firmware"


@dataclass(frozen=True)
class Board:
    name: str
    machine: str
    flags: tuple[str, ...]


BOARDS = [
    Board("Cortex-M3", "mps2-an385", ("-mcpu=cortex-m3", "-mfloat-abi=soft")),
    Board("Cortex-M4F", "mps2-an386", ("-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard")),
]

HEADS: list[dict[str, Any]] = [
    {"loss": "cross_entropy", "classes": ["red", "grün", "blue"]},
    {"loss": "binary_cross_entropy"},
    {"loss": "poisson"},
    {"loss": "mse", "targets": ["a", "b", "c"]},
]


def networks() -> dict[str, Network]:
    """Every activation and head, with scaling and features."""
    found = {}
    rng = np.random.default_rng(8)
    for place, activation in enumerate(ACTIVATIONS):
        scaling = {"input_scale": [1.0, 0.5, 2.0, 0.25, 3.0], "input_shift": 0.5, "features": list("vwxyz")}
        net = Network([5, Dense(17, activation), Dense(9, activation), 3], **HEADS[place % len(HEADS)], **scaling)
        net.parameters[:] = rng.normal(size=net.n_parameters)
        found[f"net_{activation}"] = net
    return found


def header(name: str, net: Network) -> str:
    return sources(program_of(net.spec, net._parameters, net._backend, name), "c")[".h"]


def model(name: str, text: str) -> str:
    """A file of one model's own, as a user of the header writes it; its scratch is the only memory."""
    labels = f"(const char *){name}_names" if f"{name}_names" in text else '""'
    return f"""
#define {name.upper()}_SELF_TEST
#include "{name}.h"
static float scratch[{name.upper()}_SCRATCH];
int {name}_check(void) {{ return {name}_self_test(scratch); }}
const char *{name}_label(void) {{ return {labels}; }}
const char *{name}_feature(int i) {{ return {name}_features[i]; }}
const unsigned {name}_figures[2] = {{{name.upper()}_RAM_BYTES, {name.upper()}_FLASH_BYTES}};
"""


def main(names: list[str]) -> str:
    declared = "\n".join(
        f"int {name}_check(void); const char *{name}_label(void); const char *{name}_feature(int);" for name in names
    )
    checks = "\n".join(
        f'    if ({name}_check()) {{ say("{name} is wrong\\n"); wrong = 1; }} else say("{name} is right\\n");\n'
        f"    say({name}_label()); say({name}_feature(0));"
        for name in names
    )
    return f"{declared}\nint run(void (*say)(const char *)) {{\n    int wrong = 0;\n{checks}\n    return wrong;\n}}\n"


def build(folder: Path, board: Board, headers: dict[str, str], compiler: str) -> tuple[Path, str]:
    """Compile a firmware of some models; return it and the linker's map."""
    for name, text in headers.items():
        (folder / f"{name}.h").write_text(text, encoding="utf-8")
        (folder / f"{name}.c").write_text(model(name, text), encoding="utf-8")
    (folder / "main.c").write_text(main(list(headers)), encoding="utf-8")
    image, made = folder / "firmware.elf", folder / "firmware.map"
    flags = [
        "-std=c99",
        "-Os",
        "-mthumb",
        *board.flags,
        "-ffunction-sections",
        "-fdata-sections",
        "-Wall",
        "-Wextra",
        "-Werror",
    ]
    (folder / "startup.c").write_text((FIRMWARE / "startup.c").read_text())
    units = [*headers, "main", "startup"]
    for unit in units:
        succeed([compiler, *flags, "-c", f"{unit}.c"], folder)
    linked = ["-nostdlib", f"-T{FIRMWARE / 'firmware.ld'}", f"-Wl,-Map={made}", "-Wl,--gc-sections"]
    succeed([compiler, *flags, *(f"{unit}.o" for unit in units), *linked, "-lgcc", "-o", str(image)], folder)
    return image, made.read_text()


def succeed(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr


def emulate(image: Path, board: Board, qemu: str) -> subprocess.CompletedProcess[str]:
    shown = ["-nographic", "-monitor", "none", "-serial", "none"]
    answers = ["-semihosting-config", "enable=on,target=native"]
    command = [qemu, "-M", board.machine, *shown, *answers, "-kernel", str(image)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)


def sizes(made: str, name: str) -> dict[str, int]:
    """By section of a model's own object file, how many bytes the linker laid down."""
    placed = made[made.index("Linker script and memory map") :]
    found = re.findall(rf"^ (\.[\w.]+)\s+0x(?!0+\s)\w+\s+0x(\w+) {name}\.o$", placed, re.MULTILINE)
    return {section: int(size, 16) for section, size in found}


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_self_tests_pass_and_the_macros_are_the_maps(
    board: Board, tool: Callable[[str, str], str], tmp_path: Path
) -> None:
    """Every activation and head has the engine's bits there; RAM and flash are what the linker laid down."""
    compiler = tool("arm-none-eabi-gcc", "gcc-arm-none-eabi")
    qemu = tool("qemu-system-arm", "qemu-system-arm")
    nets = networks()
    headers = {name: header(name, net) for name, net in nets.items()}
    image, made = build(tmp_path, board, headers, compiler)
    told = emulate(image, board, qemu)
    assert [f"{name} is right" for name in headers] == re.findall(r"net_\w+ is \w+", told.stderr)
    assert told.returncode == 0
    for name, text in headers.items():
        macros = {key: int(value) for key, value in re.findall(r"_(RAM|FLASH)_BYTES (\d+)", text)}
        found = sizes(made, name)
        others = re.compile(r"_example_|_figures|\.str")  # of the self-test, and of this test
        tables = {s: n for s, n in found.items() if s.startswith(".rodata") and not others.search(s)}
        memory = {s: n for s, n in found.items() if s.startswith((".data", ".bss"))}
        assert macros == {"RAM": sum(memory.values()), "FLASH": sum(tables.values())}, (found, macros)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_a_wrong_bit_is_found(board: Board, tool: Callable[[str, str], str], tmp_path: Path) -> None:
    """The self-test can fail: one weight is changed in its last digit."""
    compiler = tool("arm-none-eabi-gcc", "gcc-arm-none-eabi")
    qemu = tool("qemu-system-arm", "qemu-system-arm")
    text = header("net_tanh", networks()["net_tanh"])
    weight = re.search(r"_output_biases\[3\] = \{\s+(-?[\d.]+)f", text)
    assert weight is not None
    changed = f"{np.nextafter(np.float32(weight[1]), np.float32(9))!s}"
    wrong = text[: weight.start(1)] + changed + text[weight.end(1) :]
    image, _ = build(tmp_path, board, {"net_tanh": wrong}, compiler)
    told = emulate(image, board, qemu)
    assert "net_tanh is wrong" in told.stderr
    assert told.returncode == 1
