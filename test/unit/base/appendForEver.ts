import { setImmediate } from 'node:timers/promises';
import { Journal } from '../../../src/base/journal.js';

// Appends numbers and says each that was acknowledged, until it is killed.
const journal = await Journal.open(String(process.argv[2]));
for (let n = 0; n < 100_000; n++) {
  await journal.append({ n });
  process.stdout.write(`${n}\n`);
  await setImmediate();
}
