"""Whom a test talks to, and what it must hear."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIRECT_ONLY = bool(os.environ.get("DIRECT"))
CLAUDE = "claude-sonnet-4-20250514"
KEYS = {"openai": "sk-proj-test", "anthropic": "sk-ant-test", "azure": "azure-key-test"}


@dataclass(frozen=True)
class Arm:
    """A model as the client names it, and the provider that must answer."""

    model: str
    provider: str
    direct: bool = False

    def __str__(self):
        return f"{'direct' if self.direct else 'gateway'}-{self.provider}"

    def fixture(self, scene):
        path = ROOT / "tests" / "fixtures" / self.provider / f"{scene}.json"
        return json.loads(path.read_text(encoding="utf-8"))

    def answer(self, scene):
        return Answer.of(self.fixture(scene))


@dataclass(frozen=True)
class Answer:
    """What a fixture says, in nobody's format."""

    id: str
    model: str
    text: str
    calls: list  # (id, name, arguments)
    uncached: int
    cache_read: int
    cache_write: int | None  # None: the provider does not say
    output: int

    @classmethod
    def of(cls, body):
        return cls._of_anthropic(body) if "stop_reason" in body else cls._of_openai(body)

    @classmethod
    def _of_openai(cls, body):
        message, usage = body["choices"][0]["message"], body["usage"]
        cached = usage["prompt_tokens_details"]["cached_tokens"]
        return cls(
            id=body["id"],
            model=body["model"],
            text=message["content"],
            calls=[
                (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"]))
                for call in message.get("tool_calls", [])
            ],
            uncached=usage["prompt_tokens"] - cached,
            cache_read=cached,
            cache_write=None,
            output=usage["completion_tokens"],
        )

    @classmethod
    def _of_anthropic(cls, body):
        blocks, usage = body["content"], body["usage"]
        return cls(
            id=body["id"],
            model=body["model"],
            text="".join(block["text"] for block in blocks if block["type"] == "text"),
            calls=[
                (block["id"], block["name"], block["input"])
                for block in blocks
                if block["type"] == "tool_use"
            ],
            uncached=usage["input_tokens"],
            cache_read=usage["cache_read_input_tokens"],
            cache_write=usage["cache_creation_input_tokens"],
            output=usage["output_tokens"],
        )

    @property
    def prompt(self):
        """All input, as OpenAI counts it."""
        return self.uncached + self.cache_read + (self.cache_write or 0)


def select(*arms):
    """The arms of this run."""
    return [arm for arm in arms if arm.direct or not DIRECT_ONLY]


OPENAI_ARMS = select(
    Arm("gpt-4o", "openai"),
    Arm(CLAUDE, "anthropic"),
    Arm("azure-gpt4o", "azure"),
    Arm("gpt-4o", "openai", direct=True),
    Arm("gpt-4o", "azure", direct=True),
)
ANTHROPIC_ARMS = select(
    Arm(CLAUDE, "anthropic"),
    Arm("gpt-4o", "openai"),
    Arm(CLAUDE, "anthropic", direct=True),
)
