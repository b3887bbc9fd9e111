// The SDKs of Node, each asked the same questions in its own words. `../adapters.py` is the same.

import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { ApiError, GoogleGenAI } from '@google/genai';
import { generateText, Output, stepCountIs, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';

const SYSTEM = 'You are a café owner.';
const FIELDS = { get_weather: 'city', get_time: 'timezone' };
const RESULTS = { get_weather: { celsius: 18, sky: 'sunny' }, get_time: { time: '14:30' } };
const NAMES = Object.keys(FIELDS);
const Weather = z.object({ city: z.string(), celsius: z.int(), sky: z.string() });

const schema = (name) => ({
  type: 'object',
  properties: { [FIELDS[name]]: { type: 'string' } },
  required: [FIELDS[name]],
  additionalProperties: false,
});
const join = (list, get) => list.map(get).join('');

// What the adapters share. `ask` gives { text, thought, calls, stop, prompt, output, parsed, native };
// `pieces` are the texts of the last stream, also of one that broke off.
class Sdk {
  constructor(url, key, model) {
    this.model = model;
    this.client = this.connect(url, key);
    this.asking = (other) => new this.constructor(url, key, other);
  }
  say(text, options = {}) {
    return this.ask([this.user(text)], options);
  }
  // The answer that calls tools, and the one to their results.
  async loop(options) {
    const history = [this.user('How is Paris?')];
    const first = await this.ask(history, { ...options, tools: true });
    history.push(...this.said(first), ...this.results(first));
    return [first, await this.ask(history, { ...options, tools: true })];
  }
  user(text) {
    return { role: 'user', content: text };
  }
  status(error) {
    return error.status;
  }
  retryAfter(error) {
    return error.headers.get('retry-after');
  }
}

class Chat extends Sdk {
  static stops = ['stop', 'tool_calls'];
  connect(url, key) {
    return new OpenAI({ baseURL: `${url.replace(/\/v1$/, '')}/v1`, apiKey: key, maxRetries: 0 });
  }
  async ask(history, { tools, thinking, structured, stream }) {
    const asked = { model: this.model, messages: [{ role: 'system', content: SYSTEM }, ...history] };
    if (tools) asked.tools = NAMES.map((name) => this.tool(name));
    if (thinking) asked.reasoning_effort = 'low';
    if (structured) asked.response_format = zodResponseFormat(Weather, 'weather');
    const api = this.client.chat.completions;
    this.pieces = [];
    const thoughts = [];
    let done;
    if (stream) {
      const events = api.stream({ ...asked, stream_options: { include_usage: true } });
      events.on('content', (piece) => this.pieces.push(piece));
      // Of fields that it does not know, the helper keeps the last delta only.
      events.on('chunk', ({ choices: [choice] }) => thoughts.push(choice?.delta.reasoning_content ?? ''));
      done = await events.finalChatCompletion();
    } else {
      done = await (structured ? api.parse(asked) : api.create(asked));
    }
    const [{ message, finish_reason: stop }] = done.choices;
    const calls = (message.tool_calls ?? []).map((call) => call.function);
    return {
      text: message.content ?? '',
      thought: thoughts.join('') || (message.reasoning_content ?? ''),
      calls: calls.map((call) => [call.name, JSON.parse(call.arguments)]),
      stop,
      prompt: done.usage.prompt_tokens,
      output: done.usage.completion_tokens,
      parsed: message.parsed,
      native: message,
    };
  }
  tool(name) {
    return { type: 'function', function: { name, strict: true, parameters: schema(name) } };
  }
  // The message with what gateways add; the thoughts are for people.
  said({ native: { role, content, tool_calls, thinking_blocks } }) {
    const calls = tool_calls.map(({ id, type, function: { name, arguments: text }, extra_content }) => ({
      id,
      type,
      function: { name, arguments: text },
      extra_content,
    }));
    return [{ role, content, tool_calls: calls, thinking_blocks }];
  }
  results({ native }) {
    return native.tool_calls.map((call) => ({
      role: 'tool',
      tool_call_id: call.id,
      content: JSON.stringify(RESULTS[call.function.name]),
    }));
  }
}

class Responses extends Sdk {
  static stops = ['completed', 'completed'];
  connect(url, key) {
    return Chat.prototype.connect(url, key);
  }
  async ask(history, { tools, thinking, structured, stream }) {
    const asked = { model: this.model, instructions: SYSTEM, input: history, store: false };
    if (tools) asked.tools = NAMES.map((name) => this.tool(name));
    if (thinking) {
      asked.reasoning = { effort: 'low', summary: 'auto' };
      asked.include = ['reasoning.encrypted_content'];
    }
    if (structured) asked.text = { format: zodTextFormat(Weather, 'weather') };
    const api = this.client.responses;
    this.pieces = [];
    let done;
    if (stream) {
      const events = api.stream(asked);
      for await (const event of events) {
        if (event.type === 'response.output_text.delta') this.pieces.push(event.delta);
        // The helper hands failures on and leaves them to its user.
        if (event.type === 'error') throw new Error(event.message);
        if (event.type === 'response.failed') throw new Error(event.response.error.message);
      }
      done = await events.finalResponse();
    } else {
      done = await (structured ? api.parse(asked) : api.create(asked));
    }
    const items = done.output.filter((item) => item.type === 'reasoning');
    const calls = done.output.filter((item) => item.type === 'function_call');
    return {
      text: done.output_text,
      thought: join(items, (item) => join(item.summary, (part) => part.text)),
      calls: calls.map((call) => [call.name, JSON.parse(call.arguments)]),
      stop: done.status,
      prompt: done.usage.input_tokens,
      output: done.usage.output_tokens,
      parsed: done.output_parsed,
      native: done.output,
    };
  }
  tool(name) {
    return { type: 'function', name, strict: true, parameters: schema(name) };
  }
  said({ native }) {
    const clean = ({ parsed, parsed_arguments, ...item }) =>
      item.content ? { ...item, content: item.content.map(clean) } : item;
    return native.map(clean);
  }
  results({ native }) {
    const calls = native.filter((item) => item.type === 'function_call');
    return calls.map(({ call_id, name }) => ({
      type: 'function_call_output',
      call_id,
      output: JSON.stringify(RESULTS[name]),
    }));
  }
}

class Messages extends Sdk {
  static stops = ['end_turn', 'tool_use'];
  connect(url, key) {
    return new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
  }
  async ask(history, { tools, thinking, structured, stream }) {
    const asked = { model: this.model, system: SYSTEM, messages: history, max_tokens: 2048 };
    if (tools) asked.tools = NAMES.map((name) => ({ name, input_schema: schema(name) }));
    if (thinking) {
      asked.thinking = { type: 'adaptive', display: 'summarized' };
      asked.output_config = { effort: 'low' };
    }
    if (structured) asked.output_config = { format: zodOutputFormat(Weather) };
    const api = this.client.messages;
    this.pieces = [];
    let done;
    if (stream) {
      const events = api.stream(asked);
      events.on('text', (piece) => this.pieces.push(piece));
      done = await events.finalMessage();
    } else {
      done = await (structured ? api.parse(asked) : api.create(asked));
    }
    const of = (type) => done.content.filter((block) => block.type === type);
    const { input_tokens, cache_read_input_tokens, cache_creation_input_tokens } = done.usage;
    return {
      text: join(of('text'), (block) => block.text),
      thought: join(of('thinking'), (block) => block.thinking),
      calls: of('tool_use').map((block) => [block.name, block.input]),
      stop: done.stop_reason,
      prompt: input_tokens + (cache_read_input_tokens ?? 0) + (cache_creation_input_tokens ?? 0),
      output: done.usage.output_tokens,
      parsed: done.parsed_output,
      native: done.content,
    };
  }
  said({ native }) {
    return [{ role: 'assistant', content: native }];
  }
  results({ native }) {
    const calls = native.filter((block) => block.type === 'tool_use');
    const content = calls.map(({ id, name }) => ({
      type: 'tool_result',
      tool_use_id: id,
      content: JSON.stringify(RESULTS[name]),
    }));
    return [{ role: 'user', content }];
  }
}

class Gemini extends Sdk {
  static stops = ['STOP', 'STOP'];
  connect(url, key) {
    return new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } });
  }
  // A stream goes through the chat helper, which keeps the history itself.
  async ask(history, { tools, thinking, structured, stream }) {
    const config = { systemInstruction: SYSTEM };
    if (tools) {
      const declared = NAMES.map((name) => ({ name, parametersJsonSchema: schema(name) }));
      config.tools = [{ functionDeclarations: declared }];
    }
    if (thinking) config.thinkingConfig = { includeThoughts: true, thinkingLevel: 'LOW' };
    if (structured) {
      config.responseMimeType = 'application/json';
      config.responseJsonSchema = z.toJSONSchema(Weather);
    }
    const { model } = this;
    if (!stream) {
      return this.reply([await this.client.models.generateContent({ model, contents: history, config })]);
    }
    const chat = this.client.chats.create({ model, config, history: history.slice(0, -1) });
    const chunks = [];
    this.pieces = [];
    const events = await chat.sendMessageStream({ message: history.at(-1).parts });
    for await (const chunk of events) {
      chunks.push(chunk);
      if (chunk.text) this.pieces.push(chunk.text);
    }
    return { ...this.reply(chunks), native: chat.getHistory(true).slice(history.length) };
  }
  reply(chunks) {
    const candidates = chunks.flatMap((chunk) => chunk.candidates ?? []);
    const contents = candidates.flatMap((candidate) => candidate.content ?? []);
    const parts = contents.flatMap((content) => content.parts ?? []);
    const said = parts.filter((part) => part.text && !part.thought);
    const text = join(said, (part) => part.text);
    const usage = chunks.at(-1).usageMetadata;
    return {
      text,
      thought: join(
        parts.filter((part) => part.thought),
        (part) => part.text ?? '',
      ),
      calls: parts.flatMap(({ functionCall: it }) => (it ? [[it.name, it.args]] : [])),
      stop: candidates.map((it) => it.finishReason).findLast(Boolean),
      prompt: usage.promptTokenCount,
      output: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
      // The SDK parses nothing.
      parsed: text.startsWith('{') ? Weather.parse(JSON.parse(text)) : undefined,
      native: contents,
    };
  }
  user(text) {
    return { role: 'user', parts: [{ text }] };
  }
  said({ native }) {
    return native;
  }
  results({ native }) {
    const calls = native.flatMap((content) => content.parts).flatMap((part) => part.functionCall ?? []);
    const parts = calls.map(({ id, name }) => ({
      functionResponse: { id, name, response: RESULTS[name] },
    }));
    return [{ role: 'user', parts }];
  }
  retryAfter(error) {
    if (!(error instanceof ApiError)) throw error;
    const [, seconds] = /"retryDelay":\s*"(\d+)s"/.exec(error.message) ?? [];
    return seconds ?? null;
  }
}

// The Vercel AI SDK runs the tools itself: a loop is one call.
class Ai extends Sdk {
  static stops = ['stop', 'tool-calls'];
  async ask(history, options) {
    return (await this.steps(history, options)).at(-1);
  }
  async loop(options) {
    return this.steps([this.user('How is Paris?')], { ...options, tools: true });
  }
  async steps(messages, { tools, thinking, structured, stream }) {
    const asked = { model: this.client, instructions: SYSTEM, messages, maxRetries: 0 };
    if (tools) {
      asked.tools = Object.fromEntries(NAMES.map((name) => [name, this.tool(name)]));
      asked.stopWhen = stepCountIs(3);
    }
    asked.providerOptions = this.options(thinking);
    if (structured) asked.output = Output.object({ schema: Weather });
    this.pieces = [];
    let done;
    if (stream) {
      done = streamText({ ...asked, onError() {} });
      for await (const part of done.fullStream) {
        if (part.type === 'text-delta') this.pieces.push(part.text);
        if (part.type === 'error') throw part.error;
      }
    } else {
      done = await generateText(asked);
    }
    const parsed = structured ? await done.output : undefined;
    return (await done.steps).map((step) => ({
      text: step.text,
      thought: step.reasoningText ?? '',
      calls: step.toolCalls.map((call) => [call.toolName, call.input]),
      stop: step.finishReason,
      prompt: step.usage.inputTokens,
      output: step.usage.outputTokens,
      parsed,
    }));
  }
  tool(name) {
    const inputSchema = z.object({ [FIELDS[name]]: z.string() });
    return tool({ inputSchema, execute: async () => RESULTS[name] });
  }
  status(error) {
    return error.statusCode;
  }
  retryAfter(error) {
    const [, seconds] = /"retryDelay":\s*"(\d+)s"/.exec(error.responseBody) ?? [];
    return error.responseHeaders['retry-after'] ?? seconds;
  }
}

class AiChat extends Ai {
  connect(url, apiKey) {
    return createOpenAI({ baseURL: `${url.replace(/\/v1$/, '')}/v1`, apiKey }).chat(this.model);
  }
  options(thinking) {
    return { openai: thinking ? { reasoningEffort: 'low', forceReasoning: true } : {} };
  }
}

class AiResponses extends Ai {
  connect(url, apiKey) {
    return createOpenAI({ baseURL: `${url.replace(/\/v1$/, '')}/v1`, apiKey }).responses(this.model);
  }
  options(thinking) {
    const thoughts = { reasoningEffort: 'low', reasoningSummary: 'auto', forceReasoning: true };
    return { openai: { store: false, ...(thinking && thoughts) } };
  }
}

class AiMessages extends Ai {
  connect(url, apiKey) {
    return createAnthropic({ baseURL: `${url}/v1`, apiKey })(this.model);
  }
  options(thinking) {
    const thoughts = { thinking: { type: 'adaptive', display: 'summarized' }, effort: 'low' };
    return { anthropic: { structuredOutputMode: 'outputFormat', ...(thinking && thoughts) } };
  }
}

class AiGoogle extends Ai {
  connect(url, apiKey) {
    return createGoogle({ baseURL: `${url}/v1beta`, apiKey })(this.model);
  }
  options(thinking) {
    const thoughts = { thinkingConfig: { includeThoughts: true, thinkingLevel: 'low' } };
    return { google: thinking ? thoughts : {} };
  }
}

export const SDKS = {
  'Node openai, chat': Chat,
  'Node openai, responses': Responses,
  'Node @anthropic-ai/sdk': Messages,
  'Node @google/genai': Gemini,
  'Node ai, openai.chat': AiChat,
  'Node ai, openai.responses': AiResponses,
  'Node ai, anthropic': AiMessages,
  'Node ai, google': AiGoogle,
};
