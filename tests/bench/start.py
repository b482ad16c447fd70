"""The editor on a pseudo-terminal: processor time until the first frame, and until the
model is on the screen, in ms."""
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

TICK = os.sysconf("SC_CLK_TCK")


def cpu_of(pid):
    """Processor time of a live process, in ms (to a tenth by schedstat)."""
    with open(f"/proc/{pid}/schedstat") as file:
        return int(file.read().split()[0]) / 1e6


def start(program, model, ranges):
    """(ms to the first frame, ms to the model), processor time."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
        os.execv(program, [str(program), str(model), "--ranges", str(ranges)])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    seen, first, end = b"", None, time.monotonic() + 60
    while b"NORMAL" not in seen and time.monotonic() < end:
        if select.select([terminal], [], [], 1)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError as gone:
                raise RuntimeError(seen.decode(errors="replace")) from gone
        if first is None and model.name.encode() in seen:
            first = cpu_of(pid)
    shown = cpu_of(pid)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(terminal)
    return first, shown
