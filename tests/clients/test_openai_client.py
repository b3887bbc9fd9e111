"""OpenAI's client: each provider must look like OpenAI to it."""

import json
import re

import httpx2
import openai
import pytest
from arms import OPENAI_ARMS

pytestmark = pytest.mark.parametrize("arm", OPENAI_ARMS, ids=str)

ASK = [
    {"role": "system", "content": "You are a café owner."},
    {"role": "user", "content": "Say hello! 👋"},
]


def _tool(name, field):
    # The stream helper takes strict tools only.
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": f"Looks up what is asked by {field}.",
            "strict": True,
            "parameters": {
                "type": "object",
                "properties": {field: {"type": "string"}},
                "required": [field],
                "additionalProperties": False,
            },
        },
    }


TOOLS = [_tool("get_weather", "city"), _tool("get_time", "timezone")]
RESULTS = {"get_weather": '{"celsius":18,"sky":"sunny"}', "get_time": "14:30"}


def _check_usage(usage, answer):
    assert usage.prompt_tokens == answer.prompt
    assert usage.completion_tokens == answer.output
    assert usage.total_tokens == answer.prompt + answer.output
    assert usage.prompt_tokens_details.cached_tokens == answer.cache_read
    if answer.cache_write is not None:
        assert usage.prompt_tokens_details.cache_write_tokens == answer.cache_write


def _check_text(completion, answer):
    assert completion.object == "chat.completion"
    assert completion.id.startswith("chatcmpl-")
    assert completion.model == answer.model
    assert completion.created > 0
    (choice,) = completion.choices
    assert choice.index == 0
    assert choice.finish_reason == "stop"
    assert choice.message.role == "assistant"
    assert choice.message.content == answer.text
    assert not choice.message.tool_calls
    _check_usage(completion.usage, answer)


def _check_calls(completion, answer):
    (choice,) = completion.choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content == answer.text
    calls = choice.message.tool_calls
    assert [call.type for call in calls] == ["function", "function"]
    said = [(call.id, call.function.name, json.loads(call.function.arguments)) for call in calls]
    assert said == answer.calls
    _check_usage(completion.usage, answer)


def _results(message):
    """One tool message for each call, the last call first."""
    return [
        {"role": "tool", "tool_call_id": call.id, "content": RESULTS[call.function.name]}
        for call in reversed(message.tool_calls)
    ]


def _as_request(message):
    """The message without what the stream helper adds for its user."""
    keys = {"id": True, "type": True, "function": {"name", "arguments"}}
    return message.model_dump(
        include={"role": True, "content": True, "tool_calls": {"__all__": keys}}
    )


def test_a_plain_answer(arm, openai_client):
    completion = openai_client.chat.completions.create(
        model=arm.model, messages=ASK, temperature=0.5, max_completion_tokens=256
    )
    _check_text(completion, arm.answer("text"))


@pytest.mark.parametrize("include_usage", [True, False])
def test_a_streamed_answer(arm, openai_client, include_usage):
    options = {"stream_options": {"include_usage": True}} if include_usage else {}
    stream = openai_client.chat.completions.create(
        model=arm.model, messages=ASK, stream=True, **options
    )
    chunks = list(stream)
    answer = arm.answer("text")
    deltas = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
    assert "".join(deltas) == answer.text
    assert sum(map(bool, deltas)) > 1
    reasons = [choice.finish_reason for chunk in chunks for choice in chunk.choices]
    assert [reason for reason in reasons if reason] == ["stop"]
    # Azure's first chunk names neither.
    assert len({chunk.id for chunk in chunks if chunk.id}) == 1
    assert {chunk.model for chunk in chunks if chunk.model} == {answer.model}
    usages = [chunk.usage for chunk in chunks if chunk.usage]
    assert len(usages) == int(include_usage)
    if include_usage:
        assert chunks[-1].choices == []
        _check_usage(chunks[-1].usage, answer)


def test_the_stream_helper(arm, openai_client):
    with openai_client.chat.completions.stream(
        model=arm.model, messages=ASK, stream_options={"include_usage": True}
    ) as stream:
        kinds = [event.type for event in stream]
        completion = stream.get_final_completion()
    assert "content.delta" in kinds
    assert "content.done" in kinds
    _check_text(completion, arm.answer("text"))


def test_two_parallel_calls_and_their_results(arm, openai_client):
    create = openai_client.chat.completions.create
    first = create(model=arm.model, messages=ASK, tools=TOOLS)
    _check_calls(first, arm.answer("tools"))
    said = first.choices[0].message
    messages = [*ASK, said, *_results(said)]
    last = create(model=arm.model, messages=messages, tools=TOOLS)
    _check_text(last, arm.answer("tool_answer"))


def test_two_parallel_calls_and_their_results_streamed(arm, openai_client):
    asked = {"model": arm.model, "tools": TOOLS, "stream_options": {"include_usage": True}}
    with openai_client.chat.completions.stream(messages=ASK, **asked) as stream:
        done = [event for event in stream if event.type == "tool_calls.function.arguments.done"]
        first = stream.get_final_completion()
    answer = arm.answer("tools")
    assert [(event.index, event.name, event.parsed_arguments) for event in done] == [
        (index, name, arguments) for index, (_, name, arguments) in enumerate(answer.calls)
    ]
    _check_calls(first, answer)
    said = first.choices[0].message
    messages = [*ASK, _as_request(said), *_results(said)]
    with openai_client.chat.completions.stream(messages=messages, **asked) as stream:
        _check_text(stream.get_final_completion(), arm.answer("tool_answer"))


def _say(client, arm, text, **options):
    messages = [{"role": "user", "content": text}]
    return client.chat.completions.create(model=arm.model, messages=messages, **options)


@pytest.mark.parametrize("stream", [True, False])
def test_a_rate_limit(arm, openai_client, stream):
    with pytest.raises(openai.RateLimitError) as caught:
        _say(openai_client, arm, "[[rate-limit]]", stream=stream)
    error = caught.value
    assert error.response.headers["retry-after"] == "7"
    assert re.search(r"\b7 ?s", error.message)  # the provider's own words: 7s or 7 seconds
    if arm.provider == "anthropic":
        assert (error.type, error.code) == ("rate_limit_error", "rate_limit_exceeded")


def test_an_overload(arm, openai_client):
    with pytest.raises(openai.InternalServerError) as caught:
        _say(openai_client, arm, "[[overloaded]]")
    assert caught.value.status_code == 503


def test_a_server_error(arm, openai_client):
    with pytest.raises(openai.InternalServerError) as caught:
        _say(openai_client, arm, "[[server-error]]")
    assert caught.value.status_code == 500
    assert caught.value.type == "server_error"


def test_a_page_of_html_instead_of_an_error(arm, openai_client):
    with pytest.raises(openai.InternalServerError) as caught:
        _say(openai_client, arm, "[[html]]")
    assert caught.value.status_code == 502


def test_an_unknown_model(arm, openai_client):
    if arm.direct and arm.provider == "azure":
        pytest.skip("Azure has deployments and a code of its own")
    with pytest.raises(openai.NotFoundError) as caught:
        messages = [{"role": "user", "content": "Hi"}]
        openai_client.chat.completions.create(model="no-such-model", messages=messages)
    assert caught.value.code == "model_not_found"
    assert "no-such-model" in caught.value.message


def test_an_error_in_a_stream(arm, openai_client):
    stream = _say(openai_client, arm, "[[stream-error]]", stream=True)
    said = []
    with pytest.raises(openai.APIError) as caught:
        said.extend(stream)
    assert any(choice.delta.content for chunk in said for choice in chunk.choices)
    assert caught.value.message
    assert caught.value.body["type"]


@pytest.mark.parametrize("marker", ["[[truncate]]", "[[reset]]"])
def test_a_stream_that_breaks_off(arm, openai_client, marker):
    if arm.direct and marker == "[[truncate]]":
        pytest.skip("the client takes it for the end: what the gateway is to prevent")
    stream = _say(openai_client, arm, marker, stream=True)
    with pytest.raises((openai.APIError, httpx2.TransportError)):
        list(stream)
