// A picture of the report: its headline, what differs, and how times are spread.

import { writeFileSync } from 'node:fs';

import { palette } from './palette.mjs';
import { figures, launch, serve, until } from './serving.mjs';

const [, , path] = process.argv;
const REQUESTS = 4_000;
const MOST_BYTES = 200_000;

const { report, stop } = await serve();
await until(async () => {
  const [{ arms }] = (await figures(report)).experiments;
  return arms.reduce((all, { requests }) => all + requests, 0) >= REQUESTS;
}, 600);
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1120, height: 900 }, deviceScaleFactor: 1.5 });
await page.goto(report);
const { y } = await page.getByRole('heading', { name: 'The arms' }).boundingBox();
const clip = { x: 0, y: 0, width: 1120, height: Math.round(y) - 24 };
const picture = palette(await page.screenshot({ fullPage: true, clip }));
await browser.close();
stop();
console.log(`${path}: ${picture.length} bytes`);
if (picture.length > MOST_BYTES) throw new Error(`more than ${MOST_BYTES}`);
writeFileSync(path, picture);
process.exit();
