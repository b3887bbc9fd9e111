"""Where and when figures were taken."""

import datetime
import os
import pathlib
import platform
import subprocess


def describe():
    return {
        # Of everybody else, if asked before anything is measured.
        "load": round(os.getloadavg()[0], 1),
        "date": datetime.date.today().isoformat(),
        "cores": len(os.sched_getaffinity(0)),
        "processor": processor(),
        "kernel": platform.release().split("-")[0],
        "rustc": subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.split()[1],
    }


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
