"""The processes and the clients."""

import os

import anthropic
import openai
import pytest
from arms import KEYS
from processes import example

CONFIG = """\
downstreams:
  - {{id: openai, name: OpenAI, api_formats: [openai], base_url: "{openai}",
     api_key: sk-proj-test, output_model_ids: [gpt-4o]}}
  - {{id: anthropic, name: Anthropic, api_formats: [anthropic], base_url: "{anthropic}",
     api_key: sk-ant-test, output_model_ids: [claude-sonnet-4-20250514]}}
  - {{id: azure-openai, name: Azure OpenAI, api_formats: [openai], base_url: "{azure}",
     api_key: azure-key-test, auth: api-key, output_model_ids: [gpt-4o]}}
rules:
  - {{id: gpt4o-rule, name: GPT-4o Route, pattern_path: /v1/chat/completions,
     pattern_model: gpt-4o, match_downstreams: [openai], pipeline_config: [], is_enabled: true}}
  - {{id: sonnet-rule, name: Claude Sonnet Route, pattern_path: /v1/chat/completions,
     pattern_model: claude-sonnet-4-20250514, match_format: [openai],
     match_downstream_format: [anthropic], match_downstreams: [anthropic],
     pipeline_config: [{{plugin_id: anthropic2openai}}], is_enabled: true}}
  - {{id: azure-rule, name: Azure GPT-4o Route, pattern_path: /v1/chat/completions,
     pattern_model: azure-gpt4o, match_downstreams: [azure-openai], pipeline_config: [],
     is_enabled: true}}
"""

# Everything is on loopback; a proxy of the environment must not get in between.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"


def pytest_configure(config):
    """The doubles serve a model the SDK warns about; that is not what these tests are for."""
    config.addinivalue_line("filterwarnings", "ignore:The model:DeprecationWarning")


@pytest.fixture(scope="session")
def doubles(tmp_path_factory):
    """The doubles' base URLs by name."""
    log = tmp_path_factory.mktemp("doubles") / "log"
    with example("doubles", [], lines=len(KEYS), log=log) as lines:
        yield dict(line.split(" ", 1) for line in lines)


@pytest.fixture(scope="session")
def gateway(doubles, tmp_path_factory):
    """The gateway's root URL."""
    folder = tmp_path_factory.mktemp("gateway")
    config = folder / "gateway.yaml"
    config.write_text(CONFIG.format(**doubles), encoding="utf-8")
    arguments = ["--config", config, "--listen", "127.0.0.1:0"]
    with example("gateway", arguments, lines=1, log=folder / "log") as lines:
        prefix = "listening on "
        assert lines[0].startswith(prefix), lines
        yield lines[0].removeprefix(prefix).rstrip("/")


@pytest.fixture
def openai_client(arm, request):
    """OpenAI's client, pointed at the arm."""
    with openai.OpenAI(max_retries=0, **_openai_target(arm, request)) as client:
        yield client


def _openai_target(arm, request):
    if not arm.direct:
        root = request.getfixturevalue("gateway")
        return {"base_url": f"{root}/v1", "api_key": "sk-of-the-caller"}
    url = request.getfixturevalue("doubles")[arm.provider]
    key = KEYS[arm.provider]
    if arm.provider != "azure":
        return {"base_url": url, "api_key": key}
    return {"base_url": f"{url}/v1", "api_key": key, "http_client": _azure_http()}


def _azure_http():
    """Sends the key as Azure wants it: the client itself only knows Bearer here."""

    def move_key(request):
        request.headers["api-key"] = request.headers.pop("authorization").removeprefix("Bearer ")

    return openai.DefaultHttpx2Client(event_hooks={"request": [move_key]})


@pytest.fixture
def anthropic_client(arm, request):
    """Anthropic's client, pointed at the arm."""
    if arm.direct:
        url, key = request.getfixturevalue("doubles")[arm.provider], KEYS[arm.provider]
    else:
        url, key = request.getfixturevalue("gateway"), "sk-ant-of-the-caller"
    with anthropic.Anthropic(base_url=url, api_key=key, max_retries=0) as client:
        yield client
