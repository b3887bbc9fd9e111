"""Anthropic's client: each provider must look like Anthropic to it."""

import anthropic
import httpx2
import pytest
from arms import ANTHROPIC_ARMS

pytestmark = pytest.mark.parametrize("arm", ANTHROPIC_ARMS, ids=str)

ASK = {
    "max_tokens": 2048,
    "system": "You are a café owner.",
    "messages": [{"role": "user", "content": "Say hello! 👋"}],
}


def _tool(name, field):
    schema = {"type": "object", "properties": {field: {"type": "string"}}, "required": [field]}
    return {"name": name, "description": f"Looks it up by {field}.", "input_schema": schema}


TOOLS = [_tool("get_weather", "city"), _tool("get_time", "timezone")]
RESULTS = {
    "get_weather": [{"type": "text", "text": '{"celsius":18,"sky":"sunny"}'}],
    "get_time": "14:30",
}


def _check(message, answer, stop_reason):
    assert message.type == "message"
    assert message.role == "assistant"
    assert message.id.startswith("msg_")
    assert message.model == answer.model
    assert message.stop_reason == stop_reason
    assert message.stop_sequence is None
    kinds = [block.type for block in message.content if block.type != "thinking"]
    assert kinds == ["text"] + ["tool_use"] * len(answer.calls)
    (text,) = [block.text for block in message.content if block.type == "text"]
    assert text == answer.text
    calls = [block for block in message.content if block.type == "tool_use"]
    assert [(call.id, call.name, call.input) for call in calls] == answer.calls
    _check_usage(message.usage, answer)


def _check_usage(usage, answer):
    assert usage.input_tokens == answer.uncached
    assert usage.output_tokens == answer.output
    assert usage.cache_read_input_tokens == answer.cache_read
    # None where the provider does not count writes: zero would be a claim.
    assert usage.cache_creation_input_tokens == answer.cache_write


def _with_results(message):
    results = [
        {"type": "tool_result", "tool_use_id": block.id, "content": RESULTS[block.name]}
        for block in message.content
        if block.type == "tool_use"
    ]
    said = {"role": "assistant", "content": message.content}
    return {**ASK, "messages": [*ASK["messages"], said, {"role": "user", "content": results}]}


def _stream(client, **request):
    with client.messages.stream(**request) as stream:
        text = "".join(stream.text_stream)
        return text, stream.get_final_message()


def test_a_plain_answer(arm, anthropic_client):
    message = anthropic_client.messages.create(model=arm.model, **ASK)
    _check(message, arm.answer("text"), "end_turn")


def test_the_stream_helper(arm, anthropic_client):
    answer = arm.answer("text")
    text, message = _stream(anthropic_client, model=arm.model, **ASK)
    assert text == answer.text
    _check(message, answer, "end_turn")


def test_the_events_of_a_stream(arm, anthropic_client):
    stream = anthropic_client.messages.create(model=arm.model, tools=TOOLS, stream=True, **ASK)
    events = [event for event in stream if event.type != "ping"]
    kinds = [event.type for event in events]
    assert kinds[0] == "message_start"
    assert kinds[-2:] == ["message_delta", "message_stop"]
    # One block is open at a time, and indexes have no gaps.
    assert kinds.count("message_start") == kinds.count("message_delta") == 1
    edges = [
        (event.type, event.index)
        for event in events
        if event.type in ("content_block_start", "content_block_stop")
    ]
    assert edges == [
        (f"content_block_{edge}", index) for index in range(3) for edge in ("start", "stop")
    ]
    _check_usage(events[-2].usage, arm.answer("tools"))


def test_two_parallel_calls_and_their_results(arm, anthropic_client):
    create = anthropic_client.messages.create
    first = create(model=arm.model, tools=TOOLS, **ASK)
    _check(first, arm.answer("tools"), "tool_use")
    last = create(model=arm.model, tools=TOOLS, **_with_results(first))
    _check(last, arm.answer("tool_answer"), "end_turn")


def test_two_parallel_calls_and_their_results_streamed(arm, anthropic_client):
    _, first = _stream(anthropic_client, model=arm.model, tools=TOOLS, **ASK)
    _check(first, arm.answer("tools"), "tool_use")
    asked = _with_results(first)
    text, last = _stream(anthropic_client, model=arm.model, tools=TOOLS, **asked)
    assert text == arm.answer("tool_answer").text
    _check(last, arm.answer("tool_answer"), "end_turn")


@pytest.mark.parametrize("streams", [True, False])
def test_thinking_keeps_its_signature(arm, anthropic_client, streams):
    if arm.provider != "anthropic":
        pytest.skip("only Anthropic signs its thinking")
    asked = {"model": arm.model, "thinking": {"type": "enabled", "budget_tokens": 1024}}
    if streams:
        _, message = _stream(anthropic_client, **asked, **ASK)
    else:
        message = anthropic_client.messages.create(**asked, **ASK)
    _check(message, arm.answer("thinking"), "end_turn")
    thought = arm.fixture("thinking")["content"][0]
    block = message.content[0]
    assert (block.type, block.thinking) == ("thinking", thought["thinking"])
    assert block.signature == thought["signature"]
    # The provider refuses a signature it did not mint, so this shows that it went back whole.
    said = {"role": "assistant", "content": message.content}
    messages = [*ASK["messages"], said, {"role": "user", "content": "And now?"}]
    again = anthropic_client.messages.create(**asked, **{**ASK, "messages": messages})
    assert again.stop_reason == "end_turn"


def _say(client, arm, text, **options):
    messages = [{"role": "user", "content": text}]
    return client.messages.create(model=arm.model, max_tokens=64, messages=messages, **options)


@pytest.mark.parametrize("stream", [True, False])
def test_a_rate_limit(arm, anthropic_client, stream):
    with pytest.raises(anthropic.RateLimitError) as caught:
        _say(anthropic_client, arm, "[[rate-limit]]", stream=stream)
    error = caught.value
    assert error.type == "rate_limit_error"
    assert error.response.headers["retry-after"] == "7"
    assert "try again in 7" in error.api_message
    assert error.request_id


def test_an_overload(arm, anthropic_client):
    with pytest.raises(anthropic.OverloadedError) as caught:
        _say(anthropic_client, arm, "[[overloaded]]")
    assert caught.value.status_code == 529
    assert caught.value.type == "overloaded_error"


def test_a_server_error(arm, anthropic_client):
    with pytest.raises(anthropic.InternalServerError) as caught:
        _say(anthropic_client, arm, "[[server-error]]")
    assert (caught.value.status_code, caught.value.type) == (500, "api_error")


def test_a_page_of_html_instead_of_an_error(arm, anthropic_client):
    with pytest.raises(anthropic.InternalServerError) as caught:
        _say(anthropic_client, arm, "[[html]]")
    assert caught.value.status_code == 502


def test_an_unknown_model(arm, anthropic_client):
    with pytest.raises(anthropic.NotFoundError) as caught:
        anthropic_client.messages.create(model="no-such-model", **ASK)
    assert caught.value.type == "not_found_error"
    assert "no-such-model" in caught.value.api_message


def test_an_error_in_a_stream(arm, anthropic_client):
    stream = _say(anthropic_client, arm, "[[stream-error]]", stream=True)
    said = []
    with pytest.raises(anthropic.APIStatusError) as caught:
        said.extend(stream)
    assert "content_block_delta" in [event.type for event in said]
    assert "message_stop" not in [event.type for event in said]
    expected = "overloaded_error" if arm.provider == "anthropic" else "api_error"
    assert caught.value.type == expected


@pytest.mark.parametrize("marker", ["[[truncate]]", "[[reset]]"])
def test_a_stream_that_breaks_off(arm, anthropic_client, marker):
    if arm.direct and marker == "[[truncate]]":
        pytest.skip("the client takes it for the end: what the gateway is to prevent")
    stream = _say(anthropic_client, arm, marker, stream=True)
    with pytest.raises((anthropic.APIError, httpx2.TransportError)):
        list(stream)
