"""Endpoints besides generation, asked through the gateway.

The doubles refuse a model they don't have, a field their API has not, and any second credential.
"""

import anthropic
import openai
import pytest
from arms import CLAUDE, DIRECT_ONLY
from google import genai
from google.genai import types

pytestmark = pytest.mark.skipif(DIRECT_ONLY, reason="asks the gateway")

# All bytes there are, and what a form's parts are told apart by.
RECORDING = bytes(range(256)) * 64 + b"\r\n--\r\n\r\n"
ASK = [{"role": "user", "content": "Say hello! 👋"}]
COUNTED = 2095


@pytest.fixture(scope="module")
def openai_client(urls):
    with openai.OpenAI(
        base_url=f"{urls['gateway']}/v1", api_key="sk-of-the-caller", max_retries=0
    ) as client:
        yield client


@pytest.fixture(scope="module")
def anthropic_client(urls):
    with anthropic.Anthropic(
        base_url=urls["gateway"], api_key="sk-ant-of-the-caller", max_retries=0
    ) as client:
        yield client


@pytest.fixture(scope="module")
def gemini_client(urls):
    options = types.HttpOptions(base_url=urls["gateway"])
    with genai.Client(api_key="goog-of-the-caller", http_options=options) as client:
        yield client


@pytest.mark.parametrize("model", ["text-embedding-3-small", "vectors"])
@pytest.mark.parametrize("options", [{}, {"encoding_format": "float"}], ids=["default", "float"])
def test_embeddings(openai_client, model, options):
    done = openai_client.embeddings.create(model=model, input=["one", "two"], **options)
    said = [(it.index, it.embedding) for it in done.data]
    assert said == [(index, [1.0, -0.5, 0.25]) for index in (0, 1)]
    assert done.model == "text-embedding-3-small"
    assert done.usage.total_tokens == 5


def test_embeddings_of_a_provider_that_has_none(openai_client):
    with pytest.raises(openai.APIStatusError) as caught:
        openai_client.embeddings.create(model=CLAUDE, input="one")
    assert caught.value.status_code == 501


def test_embeddings_of_a_model_that_nobody_has(openai_client):
    with pytest.raises(openai.NotFoundError) as caught:
        openai_client.embeddings.create(model="no-such-model", input="one")
    assert caught.value.code == "model_not_found"


def test_a_moderation(openai_client):
    done = openai_client.moderations.create(
        model="omni-moderation-latest", input="A text about violence."
    )
    (result,) = done.results
    assert result.flagged
    assert result.category_scores.violence == 0.875


def test_an_image(openai_client):
    done = openai_client.images.generate(model="gpt-image-1", prompt="A café", size="1024x1024")
    assert [image.b64_json for image in done.data] == ["iVBORw0KGgo="]


@pytest.mark.parametrize("model", ["whisper-1", "dictation"])
def test_a_transcription(openai_client, model):
    done = openai_client.audio.transcriptions.create(model=model, file=("a.mp3", RECORDING))
    assert done.text.encode("latin-1") == RECORDING


def test_speech(openai_client):
    asked = {"model": "tts-1", "voice": "alloy", "input": "Hello"}
    assert openai_client.audio.speech.create(**asked).content == bytes(range(256))
    with openai_client.audio.speech.with_streaming_response.create(**asked) as response:
        assert response.headers["content-type"] == "audio/mpeg"
        assert b"".join(response.iter_bytes()) == bytes(range(256))


def test_a_legacy_completion(openai_client):
    done = openai_client.completions.create(
        model="gpt-3.5-turbo-instruct", prompt="Once upon a time", max_tokens=1
    )
    assert done.choices[0].text == "Once upon a time …"
    assert done.choices[0].finish_reason == "length"


def test_files_go_where_a_rule_names_their_path(openai_client):
    file = openai_client.files.create(file=("one.jsonl", b"{}\r\n"), purpose="batch")
    assert (file.filename, file.bytes, file.purpose) == ("one.jsonl", 4, "batch")
    assert [it.id for it in openai_client.files.list(purpose="batch")] == [file.id]


def test_the_models_as_openai_lists_them(openai_client):
    listed = [model.id for model in openai_client.models.list()]
    assert {"gpt-4o", CLAUDE, "vectors", "via-gemini", "text-embedding-3-small"} <= set(listed)
    assert len(listed) == len(set(listed))
    model = openai_client.models.retrieve("vectors")
    assert (model.id, model.object) == ("vectors", "model")
    with pytest.raises(openai.NotFoundError):
        openai_client.models.retrieve("no-such-model")


@pytest.mark.parametrize("model", [CLAUDE, "via-anthropic", "via-gemini"])
def test_tokens_counted_for_anthropic_s_client(anthropic_client, model):
    done = anthropic_client.messages.count_tokens(model=model, system="Be brief.", messages=ASK)
    assert done.input_tokens == COUNTED


def test_the_models_as_anthropic_lists_them(anthropic_client):
    listed = [model.id for model in anthropic_client.models.list()]
    assert {"gpt-4o", CLAUDE, "via-gemini"} <= set(listed)
    model = anthropic_client.models.retrieve(CLAUDE)
    assert (model.id, model.type) == (CLAUDE, "model")
    with pytest.raises(anthropic.NotFoundError):
        anthropic_client.models.retrieve("no-such-model")


# The SDK goes by the name: all contents become one, unless it knows a model that embeds texts only.
@pytest.mark.parametrize(("model", "count"), [("gemini-embedding-001", 2), ("gemini-vectors", 1)])
def test_contents_embedded_by_gemini(gemini_client, model, count):
    done = gemini_client.models.embed_content(model=model, contents=["one", "two"])
    assert [it.values for it in done.embeddings] == [[index, -0.5, 0.25] for index in range(count)]


@pytest.mark.parametrize("model", ["gemini-3-pro-preview", "via-gemini", "via-anthropic"])
def test_tokens_counted_for_gemini_s_client(gemini_client, model):
    done = gemini_client.models.count_tokens(model=model, contents="Say hello! 👋")
    assert done.total_tokens == COUNTED


def test_the_models_as_gemini_lists_them(gemini_client):
    listed = [model.name for model in gemini_client.models.list()]
    assert {"models/gemini-3-pro-preview", "models/gpt-4o", "models/via-anthropic"} <= set(listed)
    assert gemini_client.models.get(model="gpt-4o").name == "models/gpt-4o"
