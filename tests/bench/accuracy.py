"""make bench, the part on calibration and accuracy; alone: accuracy.py PROGRAM MODELS"""
import fcntl
import json
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "peer")]
import pages  # noqa: E402
from measure import once  # noqa: E402

LIBRARY_BYTES = 21e6  # a process that has opened the library and made its environment
ROUNDS = 3
METHODS = {"minmax": [], "percentile": ["--set", "CalibTensorRangeSymmetric=false"],
           "entropy": []}
MANY = {"det": 24, "rec": 96}  # samples for minmax
FEW = {"det": 4, "rec": 8}     # for the others: the peer keeps all tensors of all samples


def save(folder, count, make):
    folder.mkdir()
    for number in range(count):
        np.savez(folder / f"s{number}.npz", x=make(np.random.default_rng(number)))
    return folder


def make_samples(scratch):
    """Folders by model: many and few for calibrating, six for measuring."""
    made = {"det": lambda rng: pages.page(rng, 640), "rec": pages.line}
    small = {"det": pages.page, "rec": pages.line}
    return {name: {"many": save(scratch / f"{name}-many", MANY[name], made[name]),
                   "few": save(scratch / f"{name}-few", FEW[name], made[name]),
                   "measure": save(scratch / f"{name}-measure", 6, small[name])}
            for name in made}


def peer(model, folder, method, scratch):
    done = subprocess.run([sys.executable, HERE / "peer_calibrate.py", model, folder, method],
                          capture_output=True, text=True, check=True, cwd=scratch)
    found = json.loads(done.stdout)
    return found["cpu"], found["memory"] + LIBRARY_BYTES


def medians(rows):
    return [statistics.median(column) for column in zip(*rows)]


def calibration_row(program, name, model, folder, method, scratch):
    plain, level0, ours, theirs = [], [], [], []
    for _ in range(ROUNDS):
        plain.append(peer(model, folder, "plain", scratch))
        level0.append(peer(model, folder, "level0", scratch))
        theirs.append(peer(model, folder, method, scratch))
        ours.append(once([program, "calibrate", model, "-d", folder, "--method", method,
                          *METHODS[method], "--threads", "1", "-q", "-o",
                          scratch / "r.json", "--force"])[1:])
    base, bare, own, other = map(medians, (plain, level0, ours, theirs))
    return [name, len(list(folder.iterdir())), method, f"{base[0]:.2f}", f"{own[0]:.2f}",
            f"{own[0] / base[0]:.2f}", f"{bare[0] / base[0]:.2f}", f"{own[0] / other[0]:.2f}",
            f"{own[1] / 1e6:.0f}", f"{own[1] / base[1]:.2f}", f"{own[1] / other[1]:.2f}"]


def calibration_rows(program, name, model, folders, scratch):
    for method in METHODS:
        folder = folders["many" if method == "minmax" else "few"]
        yield calibration_row(program, name, model, folder, method, scratch)


def suggest_row(program, name, model, folder, scratch):
    ranges = scratch / f"{name}.json"
    once([program, "calibrate", model, "-d", folder, "-q", "-o", ranges])
    wall, cpu, memory = once([program, "suggest", model, "-d", folder, "-r", ranges,
                              "--per-channel", "--within", "6"])
    return [name, f"{cpu:.1f}", f"{cpu / os.cpu_count():.1f}", f"{wall:.1f}",
            f"{memory / 1e6:.0f}"]


class Editor:
    """The editor on a terminal: bytes come until it has been quiet."""

    def __init__(self, *command):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
            os.execv(command[0], [str(word) for word in command])
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))

    def settle(self, quiet, seen=b"", wanted=b""):
        """Seconds until the last byte before `quiet` seconds of silence."""
        begun = last = time.monotonic()
        while time.monotonic() < last + quiet or (wanted not in seen and
                                                  time.monotonic() < begun + 60):
            if select.select([self.terminal], [], [], 0.05)[0]:
                seen += os.read(self.terminal, 65536)
                last = time.monotonic()
        return last - begun

    def key(self, text):
        cpu = [process_cpu(self.pid)]
        os.write(self.terminal, text)
        took = self.settle(1.5)
        return took * 1e3, process_cpu(self.pid) - cpu[0]

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


def process_cpu(pid):
    """Processor time of all threads, those that ended too, in ms."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1e3 / os.sysconf("SC_CLK_TCK")


def live_row(program, model, folder, scratch):
    """Promoting and undoing on rec with three samples, until the accuracy stands there."""
    os.environ["XDG_STATE_HOME"] = str(scratch)  # no question about edits of another time
    editor = Editor(program, model, "-r", scratch / "rec.json", "-d", folder)
    editor.settle(6, wanted=b"dB")
    keys = [editor.key(key) for key in (b"jjjp", b"u", b"jjp", b"u", b"jp", b"u")]
    editor.end()
    wall, cpu = medians(keys)
    return ["rec", len(keys), f"{wall:.0f}", f"{cpu:.0f}", f"{cpu / os.cpu_count():.0f}"]


def line_of(cells):
    return "| " + " | ".join(map(str, cells)) + " |"


def lines(program, models, scratch):
    os.environ.setdefault("QDQEDIT_ORT_LIB", os.environ.get("QDQEDIT_TEST_ORT", ""))
    samples, prepared = make_samples(scratch), {}
    for name, source in (("det", "det.onnx"), ("rec", "rec17.onnx")):
        prepared[name] = scratch / f"{name}.onnx"
        once([program, "prepare", Path(models) / source, "--optimize", "-o", prepared[name]])
    out = ["", "## Calibration and accuracy", "",
           f"One thread each, in turn, medians of {ROUNDS}. Plain: inference of the same samples",
           "by ONNX Runtime, fused (det: pages of 640x640, rec: lines of 48x320). Level 0: the",
           "same without optimization, which equal ranges need, and nothing measured: what the",
           "runtime itself takes of ours. These and the peer's figures are without Python and its",
           "imports, plus the library's 21 MB; ours are of the whole process. To reach: MinMax 1.6",
           "of plain, 0.65 of the peer, 1.2 of plain's memory; the others at most the peer's time.",
           "",
           "| model | samples | method | plain CPU s | ours CPU s | of plain | level 0 of plain "
           "| of peer | ours MB | memory of plain | of peer |",
           "|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for name, model in prepared.items():
        out += map(line_of, calibration_rows(program, name, model, samples[name], scratch))
    out += ["", "`suggest --within 6 --per-channel` with 6 samples (to reach: 30 s on 2 cores):", "",
            "| model | CPU s | by cores, s | wall s | MB |",
            "|---|--:|--:|--:|--:|"]
    out += [line_of(suggest_row(program, name, model, samples[name]["measure"], scratch))
            for name, model in prepared.items()]
    few = save(scratch / "three", 3, pages.line)
    out += ["", "Accuracy in the title after a key, three samples (to reach: 300 ms on 2 cores):",
            "", "| model | keys | wall ms | CPU ms | by cores, ms |",
            "|---|--:|--:|--:|--:|",
            line_of(live_row(program, prepared["rec"], few, scratch))]
    return out


if __name__ == "__main__":
    os.environ["QDQEDIT_BENCH_SPAWN"] = str(Path(sys.argv[1]).parent / "tests/bench/spawn")
    with tempfile.TemporaryDirectory() as temporary:
        print("\n".join(lines(Path(sys.argv[1]), sys.argv[2], Path(temporary))))
