import { SitespanError } from '../base/errors.js';
import { relayAddressOf, relayKeyIn } from '../owner/otherRelay.js';
import { examineRelay } from '../owner/relay/examineRelay.js';
import { coloursOf } from './colours.js';
import type { GivenArguments } from './givenArguments.js';
import { print } from './print.js';
import { table } from './table.js';

/** `sitespan relay check HOST:PORT`: what is to be said of a relay from outside. @returns 1 where something is wrong */
export async function relayCheck(given: GivenArguments, signal: AbortSignal): Promise<number> {
  const [, text = ''] = given.exactly(2);
  const address = await relayAddressOf({
    ...{ address: text, ca: given.text('--relay-ca'), name: given.text('--relay-name') },
  });
  const key = given.text('--relay-key');
  if (key === undefined && given.has('--tenant')) {
    throw new SitespanError('usage', '--tenant needs --relay-key FILE, the key you share with the relay.');
  }
  const access =
    key === undefined ? undefined : { tenant: given.text('--tenant') ?? 'me', userKey: await relayKeyIn(key) };
  const findings = await examineRelay({ address, access }, signal);
  if (given.has('--json')) {
    print(JSON.stringify(findings, null, 2));
  } else {
    const { good, doubtful, bad } = coloursOf(process.stdout);
    const marks = { good: good('ok'), doubtful: doubtful('doubtful'), wrong: bad('wrong') };
    const rows = findings.map(({ about, verdict, sentence }) => [about, marks[verdict], sentence]);
    for (const line of table([['relay', '', 'found'], ...rows], ['left', 'left', 'left'])) print(line);
  }
  return findings.some(({ verdict }) => verdict === 'wrong') ? 1 : 0;
}
