"""Conversations that change the provider within a tool loop, as experiments and fallbacks make them.

Each double refuses a seal that it did not give, so what the others sealed must be left out.
"""

from itertools import permutations

import pytest
from adapters import SDKS
from arms import DIRECT_ONLY, MATRIX, Answer, fixture

PAIRS = [] if DIRECT_ONLY else list(permutations(MATRIX["providers"], 2))


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(("before", "after"), PAIRS)
@pytest.mark.parametrize("client", SDKS)
def test_another_provider_goes_on(client, before, after, stream, urls):
    sdk = SDKS[client](urls["gateway"], "the-callers-own-key", f"via-{before}")
    options = {"tools": True, "thinking": True, "stream": stream}
    asked = [sdk.user("How is Paris?")]
    first = sdk.ask(asked, **options)
    history = [*asked, *sdk.said(first), *sdk.results(first)]
    other = sdk.asking(f"via-{after}").ask(history, **options)
    assert other.text == Answer.of(fixture(after, "tool_answer")).text


@pytest.mark.parametrize("client", SDKS)
@pytest.mark.parametrize("away", [name for name in MATRIX["providers"] if PAIRS])
def test_the_first_provider_gets_its_own_seal_back_after_another(client, away, urls):
    """The other one answers in between; its part of the history goes back too."""
    home = next(name for name, it in MATRIX["providers"].items() if it["seals"] and name != away)
    sdk = SDKS[client](urls["gateway"], "the-callers-own-key", f"via-{home}")
    options = {"tools": True, "thinking": True}
    history = [sdk.user("How is Paris?")]
    first = sdk.ask(history, **options)
    history += sdk.said(first) + sdk.results(first)
    other = sdk.asking(f"via-{away}")
    there = other.ask(history, **options)
    history += [*sdk.said(there), sdk.user("And now?")]
    back = sdk.ask(history, **options)
    assert back.text == Answer.of(fixture(home, "thinking_answer")).text
