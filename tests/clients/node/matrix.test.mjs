// Each client against each provider behind the gateway: the same questions, the same answers.
// `../test_matrix.py` is the same for the clients of Python.

import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { SDKS } from './adapters.mjs';

const MATRIX = JSON.parse(readFileSync(process.env.CLIENTS_MATRIX));
const EXPECTED = JSON.parse(process.env.CLIENTS_EXPECTED);
const URLS = JSON.parse(process.env.CLIENTS_URLS);
const HELLO = 'Say hello! 👋';

// The SDK warns on the console of options that it sends all the same.
globalThis.AI_SDK_LOG_WARNINGS = false;

function check(sdk, reply, expected) {
  const { text, calls, uncached, cache_read: read, cache_write: write, output } = expected;
  assert.deepEqual(
    { text: reply.text, calls: reply.calls, stop: reply.stop, prompt: reply.prompt, output: reply.output },
    {
      text,
      calls: calls.map(([, name, input]) => [name, input]),
      stop: sdk.constructor.stops[calls.length ? 1 : 0],
      prompt: uncached + read + (write ?? 0),
      output,
    },
  );
}

const FEATURES = {
  async text(sdk, cell) {
    check(sdk, await sdk.say(HELLO), cell.expected.text);
  },

  async stream(sdk, cell) {
    const reply = await sdk.say(HELLO, { stream: true });
    check(sdk, reply, cell.expected.text);
    assert.ok(sdk.pieces.length > 1);
    assert.equal(sdk.pieces.join(''), reply.text);
  },

  async tools(sdk, cell) {
    for (const stream of [false, true]) {
      const [first, last] = await sdk.loop({ stream });
      check(sdk, first, cell.expected.tools);
      check(sdk, last, cell.expected.tool_answer);
    }
  },

  // The double has a final answer of its own for who brings its seal back byte for byte.
  async thinking(sdk, cell) {
    const { shows = true, returns = cell.seals } = cell.gap ?? {};
    const { expected } = cell;
    for (const stream of [false, true]) {
      const alone = await sdk.say(HELLO, { thinking: true, stream });
      check(sdk, alone, expected.thinking);
      const [first, last] = await sdk.loop({ thinking: true, stream });
      check(sdk, first, expected.thinking_tools);
      assert.equal(alone.thought, shows ? expected.thinking.thought : '');
      assert.equal(first.thought, shows ? expected.thinking_tools.thought : '');
      check(sdk, last, returns ? expected.thinking_answer : expected.tool_answer);
    }
  },

  async structured(sdk, cell) {
    for (const stream of [false, true]) {
      const reply = await sdk.say('How is the weather? Answer in JSON.', { structured: true, stream });
      check(sdk, reply, cell.expected.structured);
      assert.deepEqual(reply.parsed, JSON.parse(reply.text));
    }
  },

  async errors(sdk, { direct }) {
    for (const stream of [false, true]) {
      const error = await failure(sdk.say('[[rate-limit]]', { stream }));
      assert.equal(sdk.status(error), 429);
      assert.equal(sdk.retryAfter(error), '7');
    }
    assert.equal(sdk.status(await failure(sdk.say('[[server-error]]'))), 500);
    if (!direct) assert.equal(sdk.status(await failure(sdk.asking('no-such-model').say(HELLO))), 404);
    await failure(sdk.say('[[stream-error]]', { stream: true }));
    assert.ok(sdk.pieces.join(''));
  },
};

async function failure(promise) {
  const outcome = await promise.then(
    (reply) => ({ reply }),
    (error) => ({ error }),
  );
  assert.ok(outcome.error, `no error, but ${JSON.stringify(outcome.reply)}`);
  assert.ok(!(outcome.error instanceof TypeError), outcome.error);
  return outcome.error;
}

// What is known not to go between a client and a provider.
function gapOf(cell) {
  const names = ['client', 'provider', 'feature'];
  return MATRIX.gaps.find((gap) => names.every((name) => gap[name].includes(cell[name])));
}

function define(client, provider, feature, direct) {
  const { seals, key, model } = MATRIX.providers[provider];
  const cell = { client, provider, feature, direct, seals, expected: EXPECTED[provider] };
  cell.gap = gapOf(cell);
  test(`${client}-${direct ? 'direct' : provider}-${feature}`, async () => {
    const target = direct ? [URLS[provider], key, model] : [URLS.gateway, 'the-callers-own-key', `via-${provider}`];
    let passed = false;
    try {
      await FEATURES[feature](new SDKS[client](...target), cell);
      passed = true;
    } finally {
      if (!direct) {
        const row = { client, provider, feature, passed, gap: cell.gap?.reason ?? null };
        appendFileSync(process.env.CLIENTS_RESULTS, `${JSON.stringify(row)}\n`);
      }
    }
  });
}

for (const client of Object.keys(SDKS)) {
  for (const provider of Object.keys(MATRIX.providers)) {
    for (const feature of MATRIX.features) {
      if (URLS.gateway) define(client, provider, feature, false);
      if (provider === MATRIX.clients[client]) define(client, provider, feature, true);
    }
  }
}
