"""The programs: built, started, asked, stopped."""

import contextlib
import json
import os
import pathlib
import resource
import socket
import subprocess
import time

PROGRAMS = pathlib.Path(__file__).resolve().parent.parent
BINARIES = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", PROGRAMS / "target")).resolve() / "shipped"

# Models that the gateway's configuration knows, and what becomes of a request for one.
PASSES, RENAMES, TRANSLATES = "mock-model", "rename-me", "claude-sonnet-4-20250514"


def build():
    names = [argument for name in ("mock", "floor", "gateway", "load") for argument in ("--bin", name)]
    subprocess.run(["cargo", "build", "--quiet", "--locked", "--profile", "shipped", *names], cwd=PROGRAMS, check=True)
    # Each idle stream takes two file descriptors of a proxy.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Stack:
    """The double, and the gateway and the floor before it."""

    def __init__(self, processes):
        self.addresses = {name: address for name, (address, _) in processes.items()}
        self.ids = {name: process.pid for name, (_, process) in processes.items()}

    def target(self, name, model):
        process = "floor" if name == "floor" else "gateway"
        return {
            "name": name,
            "address": self.addresses[process],
            "pid": self.ids[process],
            "model": model,
            "translated": process == "gateway" and model == TRANSLATES,
        }

    def load(self, measure, targets, **plan):
        """Measures the targets, a model by name, and returns what `load` prints."""
        plan = {
            "mock": self.addresses["mock"],
            "measure": measure,
            "targets": [self.target(name, model) for name, model in targets.items()],
            **plan,
        }
        command = [BINARIES / "load", json.dumps(plan)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"load failed: {done.stderr}{json.dumps(plan)}")
        outcomes = json.loads(done.stdout)
        for outcome in outcomes:
            if outcome.get("errors"):
                raise SystemExit(f"{outcome['target']}: {outcome['errors']} answers were wrong; the first: {outcome['error']}")
        return outcomes


@contextlib.contextmanager
def stack(rules=None):
    """Fresh processes, on ports that are free."""
    with contextlib.ExitStack() as running:
        processes = {}

        def start(name, *arguments):
            address = f"127.0.0.1:{free_port()}"
            process = subprocess.Popen([BINARIES / name, address, *arguments])
            running.callback(stop, process)
            wait_for(address, process)
            processes[name] = (address, process)
            return address

        provider = start("mock")
        start("floor", provider)
        start("gateway", provider, *([str(rules)] if rules else []))
        yield Stack(processes)


def stop(process):
    process.kill()
    process.wait()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(address, process):
    host, port = address.split(":")
    for _ in range(200):
        if process.poll() is not None:
            raise SystemExit(f"{process.args[0]} has ended")
        with contextlib.suppress(OSError), socket.create_connection((host, int(port))):
            return
        time.sleep(0.05)
    raise SystemExit(f"{process.args[0]} does not listen on {address}")
