// PNG with a palette: a third of the bytes, for pictures of few colours.

import { crc32, deflateSync } from 'node:zlib';

import { PNG } from 'pngjs';

const MOST = 256;

// The same picture in its most frequent colours; the others become the nearest of these.
export function palette(bytes) {
  const { width, height, data } = PNG.sync.read(bytes);
  const pixels = Array.from({ length: width * height }, (_, at) => data.readUIntBE(at * 4, 3));
  const frequent = new Map();
  for (const colour of pixels) frequent.set(colour, (frequent.get(colour) ?? 0) + 1);
  const sorted = [...frequent].sort(([, one], [, other]) => other - one).map(([colour]) => colour);
  const kept = sorted.slice(0, MOST);
  const place = new Map(sorted.map((colour) => [colour, nearest(kept, colour)]));
  // Each row begins with its filter: none.
  const rows = Buffer.alloc((width + 1) * height);
  pixels.forEach((colour, at) => {
    rows[at + Math.floor(at / width) + 1] = place.get(colour);
  });
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3], 8);
  const colours = Buffer.concat(kept.map((colour) => Buffer.from([colour >> 16, colour >> 8, colour])));
  const chunks = [['IHDR', head], ['PLTE', colours], ['IDAT', deflateSync(rows, { level: 9 })], ['IEND', Buffer.alloc(0)]];
  return Buffer.concat([bytes.subarray(0, 8), ...chunks.flatMap(([kind, content]) => chunk(kind, content))]);
}

function nearest(kept, colour) {
  const part = (one, shift) => (one >> shift) & 255;
  const distance = (one) => [16, 8, 0].reduce((all, shift) => all + (part(one, shift) - part(colour, shift)) ** 2, 0);
  let best = 0;
  kept.forEach((one, at) => {
    if (distance(one) < distance(kept[best])) best = at;
  });
  return best;
}

function chunk(kind, content) {
  const named = Buffer.concat([Buffer.from(kind), content]);
  const [length, sum] = [content.length, crc32(named)].map((number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(number);
    return bytes;
  });
  return [length, named, sum];
}
