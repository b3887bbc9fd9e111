"""The Python SDKs, each asked the same questions in its own words."""

import json
from dataclasses import dataclass

import anthropic
import openai
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

SYSTEM = "You are a café owner."
FIELDS = {"get_weather": "city", "get_time": "timezone"}
RESULTS = {"get_weather": {"celsius": 18, "sky": "sunny"}, "get_time": {"time": "14:30"}}


class Weather(BaseModel):
    """The form of a structured answer."""

    city: str
    celsius: int
    sky: str


@dataclass
class Reply:
    """What an SDK made of an answer."""

    text: str
    thought: str
    calls: list  # (name, arguments)
    stop: str
    prompt: int
    output: int
    parsed: object
    native: object


class Sdk:
    """What the adapters share."""

    stops: tuple  # after a text, after calls
    errors: tuple  # what the SDK raises for a status
    breaks: tuple  # what it raises for a stream that fails

    def __init__(self, url, key, model):
        self.model = model
        self.pieces = []  # the texts of the last stream, also of one that broke off
        self.client = self.connect(url, key)
        self.asking = lambda model: type(self)(url, key, model)

    def say(self, text, **options):
        return self.ask([self.user(text)], **options)

    def loop(self, **options):
        """The answer that calls tools, and the one to their results."""
        history = [self.user("How is Paris?")]
        first = self.ask(history, tools=True, **options)
        history += self.said(first) + self.results(first)
        return first, self.ask(history, tools=True, **options)

    def user(self, text):
        return {"role": "user", "content": text}

    def status(self, error):
        return error.status_code

    def retry_after(self, error):
        return error.response.headers.get("retry-after")


def schema(name):
    return {
        "type": "object",
        "properties": {FIELDS[name]: {"type": "string"}},
        "required": [FIELDS[name]],
        "additionalProperties": False,
    }


class Chat(Sdk):
    stops = ("stop", "tool_calls")
    errors = (openai.APIStatusError,)
    breaks = (openai.APIError,)

    def connect(self, url, key):
        return openai.OpenAI(base_url=f"{url.removesuffix('/v1')}/v1", api_key=key, max_retries=0)

    def ask(self, history, tools=False, thinking=False, structured=False, stream=False):
        asked = {"model": self.model, "messages": [{"role": "system", "content": SYSTEM}, *history]}
        if tools:
            asked["tools"] = [self.tool(name) for name in FIELDS]
        if thinking:
            asked["reasoning_effort"] = "low"
        if structured:
            asked["response_format"] = Weather
        api, self.pieces = self.client.chat.completions, []
        if stream:
            with api.stream(**asked, stream_options={"include_usage": True}) as events:
                for event in events:
                    if event.type == "content.delta":
                        self.pieces.append(event.delta)
                done = events.get_final_completion()
        else:
            done = (api.parse if structured else api.create)(**asked)
        (choice,) = done.choices
        message = choice.message
        calls = [call.function for call in message.tool_calls or []]
        return Reply(
            text=message.content or "",
            thought=getattr(message, "reasoning_content", None) or "",
            calls=[(call.name, json.loads(call.arguments)) for call in calls],
            stop=choice.finish_reason,
            prompt=done.usage.prompt_tokens,
            output=done.usage.completion_tokens,
            parsed=getattr(message, "parsed", None),
            native=message,
        )

    def tool(self, name):
        function = {"name": name, "strict": True, "parameters": schema(name)}
        return {"type": "function", "function": function}

    def said(self, reply):
        """The message without what the stream helper adds, and with what gateways do."""
        message = reply.native.model_dump(exclude_none=True)
        for call in message.get("tool_calls", []):
            call["function"].pop("parsed_arguments", None)
            call.pop("index", None)
        kept = ("role", "content", "tool_calls", "thinking_blocks")
        return [{name: message[name] for name in kept if name in message}]

    def results(self, reply):
        return [
            {
                "role": "tool",
                "tool_call_id": call.id,
                "content": json.dumps(RESULTS[call.function.name]),
            }
            for call in reply.native.tool_calls
        ]


class StreamFailed(Exception):
    """A Responses stream told of a failure."""


class Responses(Sdk):
    stops = ("completed", "completed")
    errors = (openai.APIStatusError,)
    breaks = (StreamFailed,)
    connect = Chat.connect

    def ask(self, history, tools=False, thinking=False, structured=False, stream=False):
        asked = {"model": self.model, "instructions": SYSTEM, "input": history, "store": False}
        if tools:
            asked["tools"] = [self.tool(name) for name in FIELDS]
        if thinking:
            asked["reasoning"] = {"effort": "low", "summary": "auto"}
            asked["include"] = ["reasoning.encrypted_content"]
        if structured:
            asked["text_format"] = Weather
        api, self.pieces = self.client.responses, []
        if stream:
            with api.stream(**asked) as events:
                for event in events:
                    if event.type == "response.output_text.delta":
                        self.pieces.append(event.delta)
                    # The helper hands failures on and leaves them to its user.
                    if event.type == "error":
                        raise StreamFailed(event.message)
                    if event.type == "response.failed":
                        raise StreamFailed(event.response.error.message)
                done = events.get_final_response()
        else:
            done = (api.parse if structured else api.create)(**asked)
        items = [item for item in done.output if item.type == "reasoning"]
        calls = [item for item in done.output if item.type == "function_call"]
        return Reply(
            text=done.output_text,
            thought="".join(part.text for item in items for part in item.summary),
            calls=[(call.name, json.loads(call.arguments)) for call in calls],
            stop=done.status,
            prompt=done.usage.input_tokens,
            output=done.usage.output_tokens,
            parsed=getattr(done, "output_parsed", None),
            native=done.output,
        )

    def tool(self, name):
        return {"type": "function", "name": name, "strict": True, "parameters": schema(name)}

    def said(self, reply):
        return list(reply.native)

    def results(self, reply):
        return [
            {
                "type": "function_call_output",
                "call_id": item.call_id,
                "output": json.dumps(RESULTS[item.name]),
            }
            for item in reply.native
            if item.type == "function_call"
        ]


class Anthropic(Sdk):
    stops = ("end_turn", "tool_use")
    errors = (anthropic.APIStatusError,)
    breaks = (anthropic.APIError,)

    def connect(self, url, key):
        return anthropic.Anthropic(base_url=url, api_key=key, max_retries=0)

    def ask(self, history, tools=False, thinking=False, structured=False, stream=False):
        asked = {"model": self.model, "system": SYSTEM, "messages": history, "max_tokens": 2048}
        if tools:
            asked["tools"] = [{"name": name, "input_schema": schema(name)} for name in FIELDS]
        if thinking:
            asked["thinking"] = {"type": "adaptive", "display": "summarized"}
            asked["output_config"] = {"effort": "low"}
        if structured:
            asked["output_format"] = Weather
        api, self.pieces = self.client.messages, []
        if stream:
            with api.stream(**asked) as events:
                self.pieces += events.text_stream
                done = events.get_final_message()
        else:
            done = (api.parse if structured else api.create)(**asked)
        blocks = {"text": [], "thinking": [], "tool_use": []}
        for block in done.content:
            blocks[block.type].append(block)
        usage = done.usage
        cached = (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
        return Reply(
            text="".join(block.text for block in blocks["text"]),
            thought="".join(block.thinking for block in blocks["thinking"]),
            calls=[(block.name, block.input) for block in blocks["tool_use"]],
            stop=done.stop_reason,
            prompt=usage.input_tokens + cached,
            output=usage.output_tokens,
            parsed=getattr(done, "parsed_output", None),
            native=done.content,
        )

    def said(self, reply):
        return [{"role": "assistant", "content": reply.native}]

    def results(self, reply):
        results = [
            {
                "type": "tool_result",
                "tool_use_id": block.id,
                "content": json.dumps(RESULTS[block.name]),
            }
            for block in reply.native
            if block.type == "tool_use"
        ]
        return [{"role": "user", "content": results}]


class Gemini(Sdk):
    stops = ("STOP", "STOP")
    errors = breaks = (errors.APIError,)

    def connect(self, url, key):
        return genai.Client(api_key=key, http_options=types.HttpOptions(base_url=url))

    def ask(self, history, tools=False, thinking=False, structured=False, stream=False):
        """A stream goes through the chat helper, which keeps the history itself."""
        config = types.GenerateContentConfig(system_instruction=SYSTEM)
        if tools:
            declared = [
                types.FunctionDeclaration(name=name, parameters_json_schema=schema(name))
                for name in FIELDS
            ]
            config.tools = [types.Tool(function_declarations=declared)]
        if thinking:
            config.thinking_config = types.ThinkingConfig(
                include_thoughts=True, thinking_level="LOW"
            )
        if structured:
            config.response_mime_type = "application/json"
            config.response_schema = Weather
        if not stream:
            asked = {"model": self.model, "contents": history, "config": config}
            return self.reply([self.client.models.generate_content(**asked)])
        chat = self.client.chats.create(model=self.model, config=config, history=history[:-1])
        chunks, self.pieces = [], []
        for chunk in chat.send_message_stream(history[-1].parts):
            chunks.append(chunk)
            self.pieces += [part.text for part in chunk.parts or [] if part.text and not part.thought]
        reply = self.reply(chunks)
        reply.native = chat.get_history(curated=True)[len(history) :]
        return reply

    def reply(self, chunks):
        candidates = [it.candidates[0] for it in chunks if it.candidates]
        contents = [it.content for it in candidates if it.content]
        parts = [part for content in contents for part in content.parts or []]
        said = [part for part in parts if part.text and not part.thought]
        calls = [part.function_call for part in parts if part.function_call]
        usage = chunks[-1].usage_metadata
        text = "".join(part.text for part in said)
        structured = len(chunks) == 1 and chunks[0].parsed
        return Reply(
            text=text,
            thought="".join(part.text for part in parts if part.text and part.thought),
            calls=[(call.name, call.args) for call in calls],
            stop=[it.finish_reason for it in candidates if it.finish_reason][-1].value,
            prompt=usage.prompt_token_count,
            output=(usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
            # The stream helper parses nothing.
            parsed=structured or (Weather.model_validate_json(text) if text[:1] == "{" else None),
            native=contents,
        )

    def user(self, text):
        return types.Content(role="user", parts=[types.Part(text=text)])

    def said(self, reply):
        return list(reply.native)

    def results(self, reply):
        parts = [part for content in reply.native for part in content.parts]
        responses = [
            types.FunctionResponse(id=call.id, name=call.name, response=RESULTS[call.name])
            for call in (part.function_call for part in parts)
            if call
        ]
        parts = [types.Part(function_response=response) for response in responses]
        return [types.Content(role="user", parts=parts)]

    def status(self, error):
        return error.code

    def retry_after(self, error):
        details = error.details["error"].get("details", [])
        delays = [it["retryDelay"] for it in details if "retryDelay" in it]
        return delays[0].removesuffix("s") if delays else None


SDKS = {
    "Python openai, chat": Chat,
    "Python openai, responses": Responses,
    "Python anthropic": Anthropic,
    "Python google-genai": Gemini,
}
