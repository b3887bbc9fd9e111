"""Starts the doubles and the gateway once, runs the clients of both languages, checks the table."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import table
from arms import CALLER_KEY, DIRECT_ONLY, HERE, KEYS, ROOT, expected
from processes import example


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--node", type=Path, required=True, help="where Node's packages are")
    parser.add_argument("--write", action="store_true", help="write the table into the README")
    options, filters = parser.parse_known_args()
    # The doubles fail on purpose; the gateway need not say so each time.
    os.environ.setdefault("RUST_LOG", "off")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        results = folder / "results"
        environment = {
            **os.environ,
            # Everything is on loopback; a proxy of the environment must not get in between.
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "CLIENTS_URLS": json.dumps(_start(stack, folder)),
            "CLIENTS_MATRIX": str(HERE / "matrix.json"),
            "CLIENTS_EXPECTED": json.dumps(expected()),
            "CLIENTS_RESULTS": str(results),
        }
        failed = _run(options.node, filters, environment)
        rows = [json.loads(line) for line in _lines(results)]
    if filters or DIRECT_ONLY:
        return failed
    print(f"\n{table.render(rows)}")
    return table.check(rows, options.write) or failed


def _start(stack, folder):
    """The URLs of all processes by name."""
    doubles = example("doubles", [], lines=len(KEYS), log=folder / "doubles.log")
    urls = dict(line.split(" ", 1) for line in stack.enter_context(doubles))
    if DIRECT_ONLY:
        return urls
    text = (HERE / "gateway.yaml").read_text(encoding="utf-8")
    for name, url in urls.items():
        text = text.replace(f'"{{{name}}}"', f'"{url}"')
    config = folder / "gateway.yaml"
    config.write_text(text, encoding="utf-8")
    keys = folder / "keys.yaml"
    keys.write_text(f"proxy_api_keys: [{CALLER_KEY}]\n", encoding="utf-8")
    for name, files in (("gateway", [config]), ("gateway_with_keys", [config, keys])):
        arguments = ["--listen", "127.0.0.1:0"]
        for file in files:
            arguments += ["--config", file]
        gateway = example("gateway", arguments, lines=1, log=folder / f"{name}.log")
        (line,) = stack.enter_context(gateway)
        urls[name] = line.removeprefix("listening on ").rstrip("/")
    return urls


def _run(node, filters, environment):
    """Both languages at the same time. Filters are pytest's; with them Node stays out."""
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", HERE, *filters]
    commands = [(pytest, ROOT)]
    if not filters:
        commands.append((["node", "--test", "--test-reporter=dot"], node))
    running = [subprocess.Popen(command, cwd=cwd, env=environment) for command, cwd in commands]
    return max(abs(process.wait()) for process in running)


def _lines(path):
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


if __name__ == "__main__":
    sys.exit(main())
