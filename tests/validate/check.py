"""Validates a folder of translations, FROM/TO/KIND/FILE, by the validator that lies beside the recorded traffic.

usage: check.py VALIDATOR FOLDER

Runs it once for each format and kind. A body that its SDK's types refuse, or whose stream is out of order, is a
failure; so is a member that the types don't have, unless exceptions.txt names it, and an exception that nothing needs.
"""

import json
import subprocess
import sys
from collections import defaultdict
from fnmatch import fnmatchcase
from pathlib import Path

EXCEPTIONS = Path(__file__).with_name("exceptions.txt")


class Exceptions:
    """Members that may be where the types have none."""

    def __init__(self, lines):
        rows = [line.split("  ") for line in lines if line.strip() and not line.startswith("#")]
        self.known = [tuple(cell.strip() for cell in row if cell.strip())[:3] for row in rows]
        self.idle = set(self.known)

    def allow(self, form, kind, member):
        for known in self.known:
            if known[:2] == (form, kind) and fnmatchcase(member, known[2]):
                self.idle.discard(known)
                return True
        return False


def bodies(folder):
    """The files by the format and kind that they should be of."""
    found = defaultdict(list)
    for path in sorted(folder.glob("*/*/*/*")):
        source, target, kind = path.parts[-4:-1]
        if path.suffix == ".refused":
            # Who asked is told so in the format in which it asked.
            found[source if kind == "request" else target, "error"].append(path)
        else:
            found[target, kind].append(path)
    return found


def validate(validator, form, kind, paths):
    command = [sys.executable, validator, "--format", form, "--kind", kind, "--jsonl", "--current"]
    done = subprocess.run([*command, *paths], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = done.stdout.splitlines()
    if len(lines) != len(paths):
        sys.exit(f"the validator failed on {form} {kind}:\n{done.stderr}")
    return [json.loads(line) for line in lines]


def complaints(verdict, form, kind, exceptions):
    members = [extra.removesuffix(": field unknown to the SDK type") for extra in verdict["extras"]]
    unknown = [member for member in members if not exceptions.allow(form, kind, member)]
    return verdict["errors"] + [f"{member}: unknown to the SDK's type" for member in unknown]


def main(validator, folder):
    exceptions = Exceptions(EXCEPTIONS.read_text().splitlines())
    failures = []
    total = 0
    for (form, kind), paths in sorted(bodies(Path(folder)).items()):
        valid = 0
        for verdict in validate(validator, form, kind, paths):
            wrong = complaints(verdict, form, kind, exceptions)
            valid += not wrong
            failures += [f"{verdict['file']}: {line}" for line in wrong]
        total += len(paths)
        print(f"{form:17} {kind:8} {valid} of {len(paths)} valid")
    failures += ["no longer needed: " + " ".join(idle) for idle in sorted(exceptions.idle)]
    print(f"{total} bodies, {len(failures)} complaints")
    print("\n".join(failures))
    return 1 if failures or not total else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
