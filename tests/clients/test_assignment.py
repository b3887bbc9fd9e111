"""Who gets which arm, by the docs of the crate's module `experiment` alone: as the crate has it."""

import hashlib
import json
from itertools import accumulate
from math import log
from pathlib import Path

GIVEN = json.loads((Path(__file__).parents[1] / "experiment/vectors.json").read_bytes())


def digest(*fields):
    fields = [f if isinstance(f, bytes) else f.encode() for f in ("tower-llm-gateway/1", *fields)]
    return hashlib.sha256(b"".join(len(f).to_bytes(4, "big") + f for f in fields)).digest()


def fraction(*fields):
    return ((int.from_bytes(digest(*fields)[:8], "big") >> 12) + 0.5) / 2**52


def assign(plain, experiment, arms, **_):
    key, members = digest("key", plain), GIVEN["members"]
    place, ends = fraction("layer", GIVEN["layer"], key), accumulate(s for _, s in members)
    return {
        "key": key.hex(),
        "arm": max((log(fraction("arm", experiment, a, key)) / w, a) for a, w in arms if w)[1],
        "unit": digest("unit", experiment, key)[:8].hex(),
        "is_covered": fraction("coverage", experiment, key) < GIVEN["coverage"],
        "member": next((m for (m, _), end in zip(members, ends) if place < end), None),
        "is_held_out": fraction("holdout", key) < GIVEN["holdout"],
    }


def test_the_golden_vectors_follow_from_the_docs():
    for vector in GIVEN["vectors"]:
        assert vector == {**vector, **assign(**vector)}
    for chat in GIVEN["conversations"]:
        said = [(who, hashlib.sha256(text.encode()).digest()) for who, text in chat["said"]]
        assert chat["key"] == digest("conversation", *(f for pair in said for f in pair)).hex()
