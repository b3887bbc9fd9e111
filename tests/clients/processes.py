"""Runs the example programs and reads the lines they print when they listen."""

import os
import subprocess
import time
from contextlib import contextmanager

from arms import ROOT

EXAMPLES = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "debug" / "examples"
START_SECONDS = 20


@contextmanager
def example(name, arguments, lines, log):
    """Starts an example, yields the first `lines` lines of its output, ends it.

    The output goes to the file `log`: nobody reads a pipe later, and a full one would block.
    """
    with log.open("wb") as output:
        process = subprocess.Popen([EXAMPLES / name, *arguments], stdout=output)
        try:
            yield _first_lines(process, name, lines, log)
        finally:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _first_lines(process, name, count, log):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
        if sum(line.endswith("\n") for line in lines) >= count:
            return [line.rstrip("\n") for line in lines[:count]]
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with status {process.returncode}")
        time.sleep(0.02)
    raise RuntimeError(f"{name} printed less than {count} lines in {START_SECONDS} s")
