"""The native engine leaves the same bits whatever computes: threads, instructions, calls, dense or sparse reading."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse

from engine.recorded import RECORDED, Recorded, demo_run, digest, pinned, pinned_demo
from pellucid.core import SparseRows
from pellucid.engine import NativeEngine, instruction_sets

every_job = pytest.mark.parametrize("name", RECORDED)
needs_engine = pytest.mark.skipif(not instruction_sets(), reason="there is no native engine here")

NATIVE = Path(__file__).parents[2] / "native"
CROSS = "aarch64-linux-gnu-g++"

ALL = os.environ.get("CI") == "true"
SAMPLED = dict(list(RECORDED.items())[:: 1 if ALL else 3])
"""What is replayed on an emulated processor and under sanitizers: in CI all, which takes minutes; else a third."""


@needs_engine
@every_job
@pytest.mark.parametrize("threads", [1, 2, 3, 7])
@pytest.mark.parametrize("instructions", instruction_sets())
def test_threads_and_instructions_decide_no_bit(name: str, instructions: str, threads: int) -> None:
    """Parameters, slots, losses and hits are those that are pinned, read densely and sparsely, outputs kept or not."""
    for sparse, recompute in ((None, False), (False, True), (True, False)):
        engine = NativeEngine(instructions, sparse=sparse)
        assert pinned()[name] == RECORDED[name].made(engine, threads, recompute=recompute)


@needs_engine
@every_job
@pytest.mark.parametrize("instructions", instruction_sets())
def test_where_calls_end_decides_no_bit(name: str, instructions: str) -> None:
    """However an epoch's steps are cut into calls, they are the pinned ones."""
    recorded, random = RECORDED[name], np.random.default_rng(1)
    steps = len(recorded.rates)
    for threads in (1, 2):
        cuts = tuple(sorted(set(random.integers(0, steps + 1, 3).tolist())))
        assert pinned()[name] == recorded.made(NativeEngine(instructions), threads, cuts)


@needs_engine
def test_repeating_changes_nothing() -> None:
    """Fifty repeats on two and three threads are one result: no race decides a bit."""
    for name in ("bytes, mostly zero", "many units"):
        for threads in (2, 3):
            found = {RECORDED[name].made(NativeEngine(), threads) for _ in range(25)}
            assert {pinned()[name]} == found


@needs_engine
@pytest.mark.parametrize("sparse", [None, True, False])
@pytest.mark.parametrize("kind", [np.uint8, np.float32, np.float64])
def test_how_a_table_lies_in_memory_decides_no_bit(kind: type, sparse: bool | None) -> None:
    """By columns, backwards, with gaps, read-only, or as compressed rows with narrow or wide indices."""
    recorded = RECORDED["bytes, odd widths"]
    job, engine = recorded.job, NativeEngine(sparse=sparse)
    X = job.X.astype(kind)
    gaps = np.zeros((2 * X.shape[0], 3 * X.shape[1]), kind)
    gaps[::2, 1::3] = X
    frozen = X.copy()
    frozen.setflags(write=False)
    tables: list[Any] = [X, np.asfortranarray(X), X[::-1].copy()[::-1], gaps[::2, 1::3], frozen]
    for wide in (np.int32, np.int64):
        csr = scipy.sparse.csr_array(X)
        tables.append(SparseRows(csr.data, csr.indices.astype(wide), csr.indptr.astype(wide), X.shape))
    found = set()
    for table in tables:
        state = recorded.start()
        steps = engine.train(replace(job, X=table), state, recorded.order, recorded.rates, threads=2)
        output = engine.forward(job.spec, state.parameters, table)
        found.add((state.parameters.tobytes(), steps.losses.tobytes(), output.tobytes()))
    assert 1 == len(found)


@needs_engine
@pytest.mark.parametrize("instructions", instruction_sets())
@pytest.mark.parametrize("threads", [None, 1, 3])
def test_the_demo_ends_on_its_bits(monkeypatch: pytest.MonkeyPatch, instructions: str, threads: int | None) -> None:
    """60,000 images, six epochs, in steps by hand and to the end: one fingerprint, and the run says that it holds."""
    monkeypatch.setenv("PELLUCID_ENGINE", instructions)
    run = demo_run(threads)
    for steps in (1, 63, 1000):
        run.advance(steps)
    run.finish(progress=False)
    assert pinned_demo() == run.fingerprint
    assert "everywhere" == run.exactness


@needs_engine
def test_every_pinned_job_is_recorded() -> None:
    """No fingerprint is left behind by a job that is gone."""
    assert set(RECORDED) == set(pinned())


def _built(tmp: Path, *settings: str) -> Path:
    """Build native/replay.cpp with some settings; return the program."""
    environment = {key: value for key, value in os.environ.items() if key not in {"CXX", "CXXFLAGS"}}
    environment["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), environment["PATH"]])
    configure = ["cmake", "-S", str(NATIVE), "-B", str(tmp), "-G", "Ninja", "-DPELLUCID_PROGRAMS=ON", *settings]
    commands = (configure, ["cmake", "--build", str(tmp)])
    for command in commands:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert 0 == done.returncode, done.stdout + done.stderr
    return tmp / "replay"


def _replayed(program: list[str], recorded: Recorded, tmp: Path, threads: int, *instructions: str) -> set[str]:
    """Return what the program leaves: as it reads the job by itself; and read sparsely, with few outputs kept."""
    job, found = tmp / "job", set()
    for written in (recorded.written(), recorded.written(sparse=1, recompute=True)):
        job.write_bytes(written)
        done = subprocess.run([*program, str(job), str(threads), *instructions], capture_output=True, check=False)
        assert (0, b"") == (done.returncode, done.stderr), done.stderr.decode()
        found.add(digest(done.stdout))
    return found


@pytest.mark.checkout
def test_another_processor_leaves_the_same_bits(tool, tmp_path: Path) -> None:
    """The engine for ARM64, compiled for it and run under emulation, leaves the pinned bits on 1 and 3 threads."""
    emulator, compiler = tool("qemu-aarch64", "qemu-user"), tool(CROSS, "g++-aarch64-linux-gnu")
    program = _built(
        tmp_path / "build",
        f"-DCMAKE_CXX_COMPILER={compiler}",
        "-DCMAKE_SYSTEM_NAME=Linux",
        "-DCMAKE_SYSTEM_PROCESSOR=aarch64",
    )
    for name, recorded in SAMPLED.items():
        for threads in (1, 3):
            found = _replayed([emulator, str(program)], recorded, tmp_path, threads)
            assert {pinned()[name]} == found, name


@pytest.mark.checkout
@pytest.mark.parametrize(
    "sanitizer",
    [
        pytest.param(
            "address,undefined", marks=pytest.mark.skipif(not ALL, reason="it takes two minutes to build: in CI")
        ),
        "thread",
    ],
)
def test_sanitizers_find_nothing(tool, sanitizer: str, tmp_path: Path) -> None:
    """No access out of bounds, nothing undefined, no race; and the bits are the pinned ones."""
    tool("g++", "g++")
    program = _built(tmp_path / "build", f"-DPELLUCID_SANITIZE={sanitizer}")
    for name, recorded in SAMPLED.items():
        for instructions in instruction_sets()[: None if ALL else 1]:
            for threads in (1, 2, 3) if ALL else (1, 3):
                found = _replayed([str(program)], recorded, tmp_path, threads, instructions)
                assert {pinned()[name]} == found, name
