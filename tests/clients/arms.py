"""Whom a test talks to, and what it must hear."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MATRIX = json.loads((HERE / "matrix.json").read_text(encoding="utf-8"))
DIRECT_ONLY = bool(os.environ.get("DIRECT"))
CLAUDE = "claude-sonnet-4-20250514"
KEYS = {name: provider["key"] for name, provider in MATRIX["providers"].items()}
KEYS["azure"] = "azure-key-test"
CALLER_KEY = "key-of-ada"  # that the gateway wants, where it wants one


@dataclass(frozen=True)
class Arm:
    """A model as the client names it, and the provider that must answer."""

    model: str
    provider: str
    direct: bool = False

    def __str__(self):
        return f"{'direct' if self.direct else 'gateway'}-{self.provider}"

    def fixture(self, scene):
        return fixture(self.provider, scene)

    def answer(self, scene):
        return Answer.of(self.fixture(scene))


def fixture(provider, scene):
    path = ROOT / "tests" / "fixtures" / provider / f"{scene}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def expected():
    """Every fixture of the matrix in nobody's format, by provider and scene."""
    folders = {name: ROOT / "tests" / "fixtures" / name for name in MATRIX["providers"]}
    return {
        name: {file.stem: asdict(Answer.of(fixture(name, file.stem))) for file in folder.glob("*.json")}
        for name, folder in folders.items()
    }


@dataclass(frozen=True)
class Answer:
    """What a fixture says, in nobody's format."""

    id: str
    model: str
    text: str
    thought: str
    calls: list  # (id, name, arguments)
    uncached: int
    cache_read: int
    cache_write: int | None  # None: the provider does not say
    output: int

    @classmethod
    def of(cls, body):
        if "stop_reason" in body:
            return cls._of_anthropic(body)
        if "candidates" in body:
            return cls._of_gemini(body)
        return cls._of_responses(body) if "output" in body else cls._of_openai(body)

    @classmethod
    def _of_openai(cls, body):
        message, usage = body["choices"][0]["message"], body["usage"]
        cached = usage["prompt_tokens_details"]["cached_tokens"]
        return cls(
            id=body["id"],
            model=body["model"],
            text=message["content"] or "",
            thought=message.get("reasoning_content", ""),
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
    def _of_responses(cls, body):
        items, usage = body["output"], body["usage"]
        parts = [part for item in items if item["type"] == "message" for part in item["content"]]
        thoughts = [item for item in items if item["type"] == "reasoning"]
        cached = usage["input_tokens_details"]["cached_tokens"]
        return cls(
            id=body["id"],
            model=body["model"],
            text="".join(part["text"] for part in parts),
            thought="".join(part["text"] for item in thoughts for part in item["summary"]),
            calls=[
                (item["call_id"], item["name"], json.loads(item["arguments"]))
                for item in items
                if item["type"] == "function_call"
            ],
            uncached=usage["input_tokens"] - cached,
            cache_read=cached,
            cache_write=usage["input_tokens_details"]["cache_write_tokens"],
            output=usage["output_tokens"],
        )

    @classmethod
    def _of_anthropic(cls, body):
        blocks, usage = body["content"], body["usage"]
        return cls(
            id=body["id"],
            model=body["model"],
            text="".join(block["text"] for block in blocks if block["type"] == "text"),
            thought="".join(block["thinking"] for block in blocks if block["type"] == "thinking"),
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

    @classmethod
    def _of_gemini(cls, body):
        parts, usage = body["candidates"][0]["content"]["parts"], body["usageMetadata"]
        calls = [part["functionCall"] for part in parts if "functionCall" in part]
        said = [part for part in parts if "text" in part]
        cached = usage.get("cachedContentTokenCount", 0)
        return cls(
            id=body["responseId"],
            model=body["modelVersion"],
            text="".join(part["text"] for part in said if not part.get("thought")),
            thought="".join(part["text"] for part in said if part.get("thought")),
            calls=[(call["id"], call["name"], call["args"]) for call in calls],
            uncached=usage["promptTokenCount"] - cached,
            cache_read=cached,
            cache_write=None,
            output=usage["candidatesTokenCount"] + usage.get("thoughtsTokenCount", 0),
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
