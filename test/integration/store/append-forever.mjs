// Appends numbered facts to a spool and says the number after each, until it is killed. Runs the compiled code.
import { writeSync } from 'node:fs';
import { Spool } from '../../../dist/store/spool.js';

const spool = new Spool({ dir: process.argv[2], segmentBytes: 20_000 });
const encoder = new TextEncoder();
for (let n = 0; ; n += 1) {
  spool.append(encoder.encode(JSON.stringify({ kind: 'event', n, pad: 'x'.repeat((n * 37) % 500) })));
  writeSync(1, `${n}\n`);
}
