"""Where and when figures were taken."""

import datetime
import os
import pathlib
import platform
import subprocess
import time


def describe():
    return {
        # Of everybody else, if asked before anything is measured.
        "load": round(busy(), 1),
        "date": datetime.date.today().isoformat(),
        "cores": len(os.sched_getaffinity(0)),
        "processor": processor(),
        "kernel": platform.release().split("-")[0],
        "rustc": subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.split()[1],
    }


def busy():
    """How many cores are not idle now: the load of the last minute has our own build in it."""
    before = times()
    time.sleep(1)
    spent = [after - before for after, before in zip(times(), before)]
    idle = spent[IDLE] + spent[WAITING]
    return os.cpu_count() * (1 - idle / max(sum(spent), 1))


# Of the times of all cores together, those in which there was nothing to do.
IDLE, WAITING = 3, 4


def times():
    return [int(ticks) for ticks in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
