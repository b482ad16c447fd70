"""Whole processes measured: wall and processor time, and peak memory."""
import os
import statistics
import subprocess
import time
from dataclasses import dataclass


@dataclass
class Figures:
    """Medians over the runs: seconds, seconds, bytes."""
    wall: float
    cpu: float
    memory: int


def once(command, **options):
    """One run: (wall seconds, processor seconds, peak bytes, exit code)."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
    complaint = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit {process.returncode}: "
                           f"{complaint.decode(errors='replace').strip()[-400:]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


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
            for name, rows in seen.items()}
