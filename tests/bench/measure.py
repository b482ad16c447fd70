"""Whole processes measured: wall and processor time, and peak memory."""
import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass


@dataclass
class Figures:
    """Medians over the runs: seconds, seconds, bytes."""
    wall: float
    cpu: float
    memory: int


def once(command):
    """One run: (wall seconds, processor seconds, peak bytes)."""
    with tempfile.NamedTemporaryFile() as told:
        start = time.perf_counter()
        done = subprocess.run([os.environ["QDQEDIT_BENCH_SPAWN"], told.name, *command],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, check=False)
        wall = time.perf_counter() - start
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))}: exit {done.returncode}: "
                               f"{done.stderr.decode(errors='replace').strip()[-400:]}")
        cpu, memory = told.read().split()
    return wall, float(cpu), int(memory)


def in_turn(commands, runs=5, before=lambda: None):
    """The commands (a name and a list of words each) in turn, `runs` times after one
    warm-up; `before` runs ahead of each. Gives {name: Figures}."""
    seen = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            before()
            figures = once(command)
            if turn:
                seen[name].append(figures)
    return {name: Figures(*(statistics.median(column) for column in zip(*rows)))
            for name, rows in seen.items() if rows}
