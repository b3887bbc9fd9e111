"""Each client against each provider behind the gateway: the same questions, the same answers.

`node/matrix.test.js` is the same for the clients of Node.
"""

import json
from types import SimpleNamespace

import pytest
from adapters import SDKS
from arms import DIRECT_ONLY, KEYS, MATRIX, Answer, fixture

HELLO = "Say hello! 👋"


class Cell:
    """A client, the provider that must answer it, and what is asked of both."""

    def __init__(self, client, provider, feature, direct=False):
        self.client, self.provider, self.feature = client, provider, feature
        self.direct = direct

    def __str__(self):
        way = "direct" if self.direct else self.provider
        return f"{self.client}-{way}-{self.feature}"

    @property
    def gap(self):
        """What is known not to go between these two."""
        for gap in MATRIX["gaps"]:
            if all(getattr(self, name) in gap[name] for name in ("client", "provider", "feature")):
                return gap
        return None


CELLS = [
    Cell(client, provider, feature, direct)
    for client in SDKS
    for provider in MATRIX["providers"]
    for feature in MATRIX["features"]
    for direct in (False, True)
    if not direct or provider == MATRIX["clients"][client]
    if direct or not DIRECT_ONLY
]


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test(cell, urls, record_cell):
    with record_cell(cell):
        provider = MATRIX["providers"][cell.provider]
        if cell.direct:
            url, key, model = urls[cell.provider], KEYS[cell.provider], provider["model"]
        else:
            url, key, model = urls["gateway"], "the-callers-own-key", f"via-{cell.provider}"
        sdk = SDKS[cell.client](url, key, model)
        FEATURES[cell.feature](sdk, SimpleNamespace(**vars(cell), seals=provider["seals"], gap=cell.gap))


def _answer(cell, scene):
    return Answer.of(fixture(cell.provider, scene))


def _check(sdk, reply, answer):
    assert reply.text == answer.text
    assert reply.calls == [(name, arguments) for _, name, arguments in answer.calls]
    assert reply.stop == sdk.stops[bool(answer.calls)]
    assert (reply.prompt, reply.output) == (answer.prompt, answer.output)


def text(sdk, cell):
    _check(sdk, sdk.say(HELLO), _answer(cell, "text"))


def stream(sdk, cell):
    reply = sdk.say(HELLO, stream=True)
    _check(sdk, reply, _answer(cell, "text"))
    assert len(sdk.pieces) > 1
    assert "".join(sdk.pieces) == reply.text


def tools(sdk, cell):
    for streamed in (False, True):
        first, last = sdk.loop(stream=streamed)
        _check(sdk, first, _answer(cell, "tools"))
        _check(sdk, last, _answer(cell, "tool_answer"))


def thinking(sdk, cell):
    """The double has a final answer of its own for who brings its seal back byte for byte."""
    gap = cell.gap or {}
    shows = gap.get("shows", True)
    returns = gap.get("returns", cell.seals)
    for streamed in (False, True):
        alone = sdk.say(HELLO, thinking=True, stream=streamed)
        _check(sdk, alone, _answer(cell, "thinking"))
        first, last = sdk.loop(thinking=True, stream=streamed)
        _check(sdk, first, _answer(cell, "thinking_tools"))
        for reply, scene in (alone, "thinking"), (first, "thinking_tools"):
            assert reply.thought == (_answer(cell, scene).thought if shows else "")
        _check(sdk, last, _answer(cell, "thinking_answer" if returns else "tool_answer"))


def structured(sdk, cell):
    for streamed in (False, True):
        reply = sdk.say("How is the weather? Answer in JSON.", structured=True, stream=streamed)
        _check(sdk, reply, _answer(cell, "structured"))
        assert reply.parsed.model_dump() == json.loads(reply.text)


def errors(sdk, cell):
    for streamed in (False, True):
        with pytest.raises(sdk.errors) as caught:
            sdk.say("[[rate-limit]]", stream=streamed)
        assert sdk.status(caught.value) == 429
        assert sdk.retry_after(caught.value) == "7"
    with pytest.raises(sdk.errors) as caught:
        sdk.say("[[server-error]]")
    assert sdk.status(caught.value) == 500
    if not cell.direct:
        with pytest.raises(sdk.errors) as caught:
            sdk.asking("no-such-model").say(HELLO)
        assert sdk.status(caught.value) == 404
    with pytest.raises(sdk.breaks):
        sdk.say("[[stream-error]]", stream=True)
    assert "".join(sdk.pieces)


FEATURES = {
    feature.__name__: feature for feature in (text, stream, tools, thinking, structured, errors)
}
