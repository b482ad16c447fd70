#!/usr/bin/env python3
"""make bench: ours against ONNX Runtime's Python and against copying, as ratios."""
import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import accuracy  # noqa: E402
import models  # noqa: E402
from measure import in_turn  # noqa: E402
from start import start  # noqa: E402

HERE = Path(__file__).parent
REAL = ("det.onnx", "rec17.onnx", "cls17.onnx", "yolox.onnx", "crnn.onnx")
PEER_LIMIT = 1000  # nodes; the peer is quadratic beyond


def quantize_row(args, scratch, name, model, ranges, runs, peer=True, options=()):
    """One row: ours, the peer, and the floor (reading the input with cat, writing the
    output and syncing it)."""
    ours, theirs = scratch / "ours.onnx", scratch / "theirs.onnx"

    def clean():
        for file in scratch.glob("*s.onnx*"):
            if file.name.startswith(("ours", "theirs")):
                file.unlink()

    command = [args.program, "quantize", model, "--ranges", ranges, "-o", ours, "-q",
               *options]
    clean()
    in_turn({"ours": command}, 0)
    shutil.copy(ours, scratch / "sample")
    side = Path(f"{ours}.data")
    if side.exists():
        shutil.copy(side, scratch / "sample.data")
    inputs = [str(model)] + [str(f) for f in [Path(f"{model}.data")] if f.exists()]
    samples = [str(f) for f in scratch.glob("sample*")]
    floor = ["sh", "-c", f"cat {' '.join(inputs)} >/dev/null && cat {' '.join(samples)} "
             f">{scratch}/floor && sync {scratch}/floor"]
    commands = {"ours": command, "floor": floor}
    if peer:
        commands["peer"] = [sys.executable, HERE / "peer_quantize.py", model, ranges, theirs,
                            *(["external"] if len(inputs) > 1 else [])]
    found = in_turn(commands, runs, clean)
    for file in [scratch / "floor", *scratch.glob("sample*")]:
        file.unlink()
    return name, os.path.getsize(model), found


def text_of(row):
    name, size, found = row
    ours, floor, peer = found["ours"], found["floor"], found.get("peer")
    cells = [name, f"{size / 1e6:.1f}", f"{ours.wall:.3f}", f"{ours.cpu:.3f}",
             f"{ours.memory / 1e6:.0f}", f"{ours.wall / floor.wall:.1f}"]
    if peer:
        cells += [f"{peer.wall:.2f}", f"{peer.memory / 1e6:.0f}",
                  f"{peer.wall / ours.wall:.0f}", f"{ours.memory / peer.memory:.3f}"]
    else:
        cells += ["-"] * 4
    return line_of(cells)


def real_rows(args, scratch):
    ranges_folder = scratch / "ranges"
    ranges_folder.mkdir(exist_ok=True)
    for file in REAL:
        model = Path(args.models or "/nonexistent") / file
        ranges = ranges_folder / f"{file}.json"
        if not model.exists():
            continue
        in_turn({"ranges": [sys.executable, HERE / "peer_ranges.py", model, ranges]}, 0)
        yield quantize_row(args, scratch, file, model, ranges, args.runs)


def thread_rows(args, scratch):
    """The large model on one thread and on all."""
    model, ranges = models.heavy(scratch, False)
    command = [args.program, "quantize", model, "--ranges", ranges, "-o",
               scratch / "ours.onnx", "-q", "--force"]
    found = in_turn({str(n): [*command, "--threads", str(n)]
                     for n in (1, os.cpu_count())}, 3)
    for threads, figures in found.items():
        yield [threads, f"{figures.wall:.3f}", f"{figures.cpu:.3f}",
               f"{figures.memory / 1e6:.0f}"]


def stop_rows(args, scratch):
    """Ctrl-C at parts of the way: how it ends, how soon, and which files it leaves."""
    model, ranges = models.heavy(scratch, False)
    folder = scratch / "stopped"
    for layout in ("never", "always"):
        command = [args.program, "quantize", model, "--ranges", ranges, "-o",
                   folder / "o.onnx", "-q", "--external-data", layout]
        folder.mkdir()
        start = time.perf_counter()
        subprocess.run(command, check=True)
        whole = time.perf_counter() - start
        for share in (0.1, 0.3, 0.5, 0.7):
            shutil.rmtree(folder)
            folder.mkdir()
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            time.sleep(share * whole)
            process.send_signal(signal.SIGINT)
            start = time.perf_counter()
            code = process.wait()
            took = time.perf_counter() - start
            yield [layout, f"{share:.0%}", code, f"{took * 1e3:.0f}",
                   len(list(folder.iterdir()))]
        shutil.rmtree(folder)


def heavy_lines(args, scratch):
    """The tables on threads and on Ctrl-C, made of the 1.5 GB model."""
    return ["", "The 1.5 GB model by `--threads`:", "",
            "| threads | s | CPU s | MB |", "|--:|--:|--:|--:|",
            *map(line_of, thread_rows(args, scratch)), "",
            "Ctrl-C on its way, by `--external-data`: exit code, ms until the program has",
            "ended, files left (code 0: it was faster).", "",
            "| side file | at | exit | ms | files |", "|---|--:|--:|--:|--:|",
            *map(line_of, stop_rows(args, scratch))]


def made_rows(args, scratch):
    for count in (1000, 10000, 100000):
        model, ranges = models.many(scratch, count)
        yield quantize_row(args, scratch, f"{count} nodes", model, ranges,
                           args.runs if count <= PEER_LIMIT else 3, count <= PEER_LIMIT)
    if args.heavy:
        for side in (False, True):
            model, ranges = models.heavy(scratch, side)
            yield quantize_row(args, scratch, f"1.5 GB{', side file' if side else ''}", model,
                               ranges, 3)
            for file in scratch.glob("heavy*.onnx*"):
                file.unlink()


QUANTIZE_NOTE = [
    "To reach: at least 50 times faster than the peer or within 3 times the floor, on the",
    "1.5 GB model 20 times and a tenth of its memory. Of a side file most time is the",
    "floor: no program that syncs what it writes can be much faster. The peer is quadratic",
    "in nodes and not run on 10,000 (it needs 20 minutes) and more."]
EDITOR_HEAD = [
    "", "## The editor", "",
    "1,000 random keys at 160x50 (tests/bench/editor.c): moves, pages, searches, filters,",
    "edits, undo, panes, a frame painted by curses after each. Processor time in ms, since",
    "the machine may be busy. First frame: of the program on a pseudo-terminal; model: until",
    "it is on the screen, its ranges read. Lists: the editor's own memory per node beyond",
    "the engine's; heap: everything at the end, undo history too.", "",
    "| nodes | first frame | model | key 50 % | 99 % | worst | promote, undo: 99 % | worst "
    "| lists B/node | heap MB |",
    "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"]
BYTES_HEAD = [
    "", "Bytes that a move of one row sends (the issue: 600). A pane that it replaces follows",
    "when no key came for 60 ms: `later`, of so many moves and other keys. It cannot do with",
    "600 more: the characters and cursor addresses of a picture in another's place were 700",
    "to 830 bytes on 100,000 nodes, colours left out. Jump: a move past the edge of the",
    "outline, which then shows other rows.", "",
    "| nodes | moves | 50 % | 99 % | worst | later | 50 % | 99 % | jumps | worst |",
    "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"]
MANY_HEAD = [
    "", "A quarter of all nodes promoted by one command or by `p` on a closed group: ms of that,",
    "of taking it back and of doing it again (worst); then of promote, undo, redo, demote and",
    "moves on that plan.", "",
    "| nodes | the command | keys after it | 50 % | 99 % | worst |",
    "|--:|--:|--:|--:|--:|--:|"]


def editor_rows(args, scratch):
    """The three tables on the editor."""
    keys, many, sent = [], [], []
    for count in (1000, 10000, 100000, *([1000000] if args.heavy else [])):
        model, ranges = models.many(scratch, count)
        starts = sorted(start(args.program, model, ranges) for _ in range(3))
        done = subprocess.run([args.program.parent / "tests/bench/editor", model, ranges],
                              check=True, capture_output=True, text=True)
        found = json.loads(done.stdout)
        key, edit = found["all"], found["edit"]
        move, later, jump = found["move"], found["rest"], found["scroll"]
        keys.append([count, f"{starts[1][0]:.0f}", f"{starts[1][1]:.0f}",
                     *(f"{key[k]:.1f}" for k in ("p50", "p99", "worst")),
                     *(f"{edit[k]:.1f}" for k in ("p99", "worst")),
                     f"{found['lists'] / count:.0f}", f"{found['end'] / 1e6:.0f}"])
        sent.append([count, move["keys"], move["bytes50"], move["bytes99"],
                     move["bytes_worst"], later["keys"], later["bytes50"], later["bytes99"],
                     jump["keys"], jump["bytes_worst"]])
        after = found["after"]
        many.append([count, f"{found['bulk']['worst']:.1f}", after["keys"],
                     *(f"{after[k]:.1f}" for k in ("p50", "p99", "worst"))])
        print("editor", *keys[-1], flush=True)
    return [*EDITOR_HEAD, *map(line_of, keys), *BYTES_HEAD, *map(line_of, sent), *MANY_HEAD, *map(line_of, many)]


def line_of(cells):
    return "| " + " | ".join(map(str, cells)) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--models", default="")
    parser.add_argument("--results", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-heavy", dest="heavy", action="store_false")
    args = parser.parse_args()
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    os.environ["QDQEDIT_BENCH_SPAWN"] = str(args.program.parent / "tests/bench/spawn")
    load = os.getloadavg()[0]
    lines = ["# Measurements", "",
             "Made by `make bench` in the build folder: whole processes, medians, everything",
             f"in turn in one go, with a load of {load:.1f} by others at the start.", "",
             "Floor: `cat` of the input to nowhere, then writing and syncing a file of the",
             f"output's size. {os.cpu_count()} cores, {platform.machine()}.", "",
             "## quantize", "",
             *QUANTIZE_NOTE, "",
             "| model | MB | ours s | CPU s | ours MB | of floor | peer s | peer MB "
             "| times faster | memory of peer's |",
             "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"]
    with tempfile.TemporaryDirectory() as folder:
        for rows in (real_rows, made_rows):
            for row in rows(args, Path(folder)):
                lines.append(text_of(row))
                print(lines[-1], flush=True)
        if args.heavy:
            lines += heavy_lines(args, Path(folder))
        lines += editor_rows(args, Path(folder))
        if args.models:
            lines += accuracy.lines(args.program, args.models, Path(folder))
    text = "\n".join(lines) + "\n"
    if args.results:
        args.results.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
