"""The processes that `main.py` started, and the clients of the tests."""

import json
import os
from contextlib import contextmanager

import anthropic
import openai
import pytest
from arms import KEYS


def pytest_configure(config):
    """The doubles serve a model the SDK warns about; that is not what these tests are for."""
    config.addinivalue_line("filterwarnings", "ignore:The model:DeprecationWarning")


@pytest.fixture(scope="session")
def urls():
    """The base URLs of the doubles by name, and that of the gateway."""
    return json.loads(os.environ["CLIENTS_URLS"])


@pytest.fixture(scope="session")
def record_cell():
    """Appends the outcome of a cell to the file that becomes the table."""

    @contextmanager
    def record(cell):
        said = {"client": cell.client, "provider": cell.provider, "feature": cell.feature}
        passed = False
        try:
            yield
            passed = True
        finally:
            if not cell.direct:
                gap = cell.gap["reason"] if cell.gap else None
                line = json.dumps({**said, "passed": passed, "gap": gap})
                with open(os.environ["CLIENTS_RESULTS"], "a", encoding="utf-8") as file:
                    file.write(f"{line}\n")

    return record


@pytest.fixture
def openai_client(arm, urls):
    """OpenAI's client, pointed at the arm."""
    with openai.OpenAI(max_retries=0, **_openai_target(arm, urls)) as client:
        yield client


def _openai_target(arm, urls):
    if not arm.direct:
        return {"base_url": f"{urls['gateway']}/v1", "api_key": "sk-of-the-caller"}
    url, key = urls[arm.provider], KEYS[arm.provider]
    if arm.provider != "azure":
        return {"base_url": url, "api_key": key}
    return {"base_url": f"{url}/v1", "api_key": key, "http_client": _azure_http()}


def _azure_http():
    """Sends the key as Azure wants it: the client itself only knows Bearer here."""

    def move_key(request):
        request.headers["api-key"] = request.headers.pop("authorization").removeprefix("Bearer ")

    return openai.DefaultHttpx2Client(event_hooks={"request": [move_key]})


@pytest.fixture
def anthropic_client(arm, urls):
    """Anthropic's client, pointed at the arm."""
    if arm.direct:
        url, key = urls[arm.provider], KEYS[arm.provider]
    else:
        url, key = urls["gateway"], "sk-ant-of-the-caller"
    with anthropic.Anthropic(base_url=url, api_key=key, max_retries=0) as client:
        yield client
