// The report page as a person has it before them: wide or narrow, in light or dark, by keyboard, on paper, without scripts.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { figures, launch, serve } from './serving.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = [400, 700, 1400];
const SCHEMES = ['light', 'dark'];
const SHOTS = process.env.SHOTS;

let serving;
let browser;

before(async () => {
  [serving, browser] = await Promise.all([serve(), launch()]);
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
});

after(async () => {
  await browser?.close();
  serving?.stop();
});

// Shows the report to `look`, and hears what the browser complains of.
async function shown(options, look) {
  const { width = 1000, ...others } = options;
  const context = await browser.newContext({ viewport: { width, height: 900 }, ...others });
  const page = await context.newPage();
  const heard = [];
  page.on('console', (message) => heard.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => heard.push(String(error)));
  page.on('request', (request) => {
    if (request.url() !== serving.report && !request.url().startsWith('data:')) heard.push(request.url());
  });
  try {
    await page.goto(serving.report);
    await look(page);
  } finally {
    await context.close();
  }
  assert.deepEqual(heard, []);
}

async function violations(page) {
  // The page allows no script but its own; this one comes from the browser's side.
  const { violations: found } = await page.evaluate(`${AXE}; axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })`);
  return found.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html).join(' ')}`);
}

for (const width of WIDTHS) {
  for (const colorScheme of SCHEMES) {
    test(`at ${width} px in ${colorScheme} all fits, and all can be read`, () =>
      shown({ width, colorScheme }, async (page) => {
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `it is ${wide} px wide`);
        assert.deepEqual(await page.evaluate(cut), []);
        assert.deepEqual(await violations(page), []);
        if (SHOTS) await page.screenshot({ path: `${SHOTS}/${width}-${colorScheme}.png`, fullPage: true });
      }));
  }
}

// What reaches beyond the window, or lies on another label of the same plot.
function cut() {
  const found = [];
  const name = (element) => element.textContent.trim().slice(0, 40);
  for (const element of document.querySelectorAll('main *, header *')) {
    const { left, right, width } = element.getBoundingClientRect();
    if (width > 0 && (left < -1 || right > innerWidth + 1)) found.push(`beyond: ${element.tagName} ${name(element)}`);
  }
  for (const plot of document.querySelectorAll('main svg')) {
    const labels = [...plot.querySelectorAll('text')].map((label) => [name(label), label.getBoundingClientRect()]);
    labels.forEach(([one, a], place) => {
      for (const [other, b] of labels.slice(place + 1)) {
        if (a.left < b.right && b.left < a.right && a.top < b.bottom - 2 && b.top < a.bottom - 2) {
          found.push(`on each other: ${one}, ${other}`);
        }
      }
    });
  }
  return found;
}

test('it says what the figures say', () =>
  shown({}, async (page) => {
    const [experiment] = (await figures(serving.report)).experiments;
    const headline = await page.locator('.says').first().innerText();
    assert.ok(headline.includes(experiment.arms[1].id), headline);
    assert.equal(await page.locator('.findings li').count(), experiment.comparisons.length);
    assert.equal(await page.locator('svg.spread').count(), 3);
    for (const arm of experiment.arms) {
      await page.locator('thead th', { hasText: arm.model }).waitFor();
    }
  }));

test('all that can be used is reached by keyboard, and shows that it is', () =>
  shown({}, async (page) => {
    const reached = [];
    for (let presses = 0; presses < 3; presses += 1) {
      await page.keyboard.press('Tab');
      reached.push(
        await page.evaluate(() => {
          const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
          return [document.activeElement.textContent, outlineStyle, parseFloat(outlineWidth) >= 2];
        }),
      );
    }
    assert.deepEqual(reached, ['Pause', 'Refresh', 'JSON'].map((name) => [name, 'solid', true]));
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('button').innerText(), 'Resume');
    assert.equal(await page.getByRole('status').innerText(), 'Paused');
  }));

const requests = (page) => page.locator('.status b').innerText();

test('the figures go on by themselves, and stop when they are told to', () =>
  shown({}, async (page) => {
    const before = await requests(page);
    await page.waitForFunction((old) => document.querySelector('.status b').textContent !== old, before, { timeout: 20_000 });
    await page.getByRole('button', { name: 'Pause' }).click();
    const paused = await requests(page);
    assert.notEqual(paused, before);
    await page.waitForTimeout(6_000);
    assert.equal(await requests(page), paused);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.waitForFunction((old) => document.querySelector('.status b').textContent !== old, paused);
  }));

test('what a person is reading stays where it is', () =>
  shown({ width: 400 }, async (page) => {
    const before = await requests(page);
    await page.evaluate(() => scrollTo(0, 1_000));
    await page.waitForFunction((old) => document.querySelector('.status b').textContent !== old, before, { timeout: 20_000 });
    const scrolled = await page.evaluate(() => scrollY);
    assert.ok(Math.abs(scrolled - 1_000) < 60, `it is at ${scrolled}`);
  }));

test('without scripts it is whole, and can be refreshed by a link', () =>
  shown({ javaScriptEnabled: false }, async (page) => {
    assert.equal(await page.locator('button').count(), 0);
    assert.notEqual(await page.locator('.says').first().innerText(), '');
    assert.equal(await page.locator('noscript meta[http-equiv=refresh]').count(), 1);
    const before = await requests(page);
    await page.waitForTimeout(1_500);
    await page.getByRole('link', { name: 'Refresh' }).click();
    await page.waitForLoadState();
    assert.notEqual(await requests(page), before);
  }));

test('on paper there is the report, and nothing to press', () =>
  shown({ colorScheme: 'dark' }, async (page) => {
    const pdf = await page.pdf({ format: 'A4', path: SHOTS && `${SHOTS}/paper.pdf` });
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
    assert.ok(pages <= 4, `${pages} pages`);
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.getByRole('button').count(), 0);
    assert.equal(await page.getByRole('link').count(), 0);
    const ink = await page.evaluate(() => getComputedStyle(document.body).color);
    assert.equal(ink, 'rgb(31, 30, 27)');
  }));

test('it says when there is no answer any more', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(serving.report);
  const before = await requests(page);
  await context.setOffline(true);
  await page.getByText('No answer, trying again').waitFor({ timeout: 20_000 });
  assert.equal(await requests(page), before);
  await context.setOffline(false);
  await page.getByText('Live', { exact: true }).waitFor({ timeout: 20_000 });
  await context.close();
});
