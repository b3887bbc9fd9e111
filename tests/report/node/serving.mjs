// The example that serves the report, and a browser to look at it with.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { chromium } from 'playwright-core';

// Starts it, and waits until a verdict can be shown.
export async function serve() {
  const example = process.env.REPORT_EXAMPLE ?? `${process.env.EXAMPLES}/ab_testing`;
  const child = spawn(example, ['--serve', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = () => child.kill('SIGKILL');
  process.once('exit', stop);
  let report;
  for await (const line of createInterface({ input: child.stdout })) {
    report = line.match(/http:\S+\/report\b/)?.[0];
    if (report) break;
  }
  if (!report) throw new Error('the example ended without a report');
  child.stdout.resume();
  await until(async () => !(await figures(report)).experiments.some(({ too_few: few }) => few));
  return { report, stop };
}

// The report as JSON.
export async function figures(report) {
  const { experiments } = await (await fetch(`${report}?format=json`)).json();
  if (experiments.length === 0) return { experiments: [{ too_few: true }] };
  return { experiments };
}

export async function until(holds, seconds = 90) {
  for (const end = Date.now() + seconds * 1_000; Date.now() < end; ) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`it took more than ${seconds} s`);
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
