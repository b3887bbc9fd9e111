"""A gateway that wants a key of its own from callers, which no provider may see."""

import anthropic
import openai
import pytest
from adapters import SDKS
from arms import CALLER_KEY, DIRECT_ONLY, MATRIX, Answer, fixture
from google.genai import errors

pytestmark = pytest.mark.skipif(DIRECT_ONLY, reason="asks the gateway")

REFUSALS = {
    "Python openai, chat": openai.AuthenticationError,
    "Python openai, responses": openai.AuthenticationError,
    "Python anthropic": anthropic.AuthenticationError,
    "Python google-genai": errors.ClientError,
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("client", SDKS)
class TestKeys:
    @pytest.mark.parametrize("provider", MATRIX["providers"])
    def test_the_right_key_is_let_in(self, client, provider, stream, urls):
        sdk = SDKS[client](urls["gateway_with_keys"], CALLER_KEY, f"via-{provider}")
        reply = sdk.say("Say hello!", stream=stream)
        assert reply.text == Answer.of(fixture(provider, "text")).text

    # The provider's own key is no key of the gateway.
    @pytest.mark.parametrize("key", ["key-of-eve", "sk-proj-test"])
    def test_another_key_is_refused(self, client, key, stream, urls):
        sdk = SDKS[client](urls["gateway_with_keys"], key, "via-openai")
        with pytest.raises(REFUSALS[client]) as caught:
            sdk.say("Say hello!", stream=stream)
        assert sdk.status(caught.value) == 401
        assert key not in str(caught.value)


@pytest.mark.parametrize("key", [CALLER_KEY, "key-of-eve"])
def test_lists_of_models_want_the_key_too(key, urls):
    url = f"{urls['gateway_with_keys']}/v1"
    with openai.OpenAI(base_url=url, api_key=key, max_retries=0) as client:
        if key == CALLER_KEY:
            assert "gpt-4o" in [model.id for model in client.models.list()]
        else:
            with pytest.raises(openai.AuthenticationError):
                client.models.list()
