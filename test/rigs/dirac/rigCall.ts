import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { setup, vo } from './configuration.js';

/** As whom the rig itself calls DIRAC. */
export interface Caller {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

const answer = z.looseObject({ OK: z.boolean(), Value: z.unknown() });

/** One call of DIRAC's, by code of the rig's own, so that it does not believe what it is there to test. */
export async function rigCall(as: Caller, url: string, method: string, ...args: unknown[]): Promise<unknown> {
  const [cert, key, ca] = await Promise.all(
    [as.certificate, as.key, as.authority].map((path) => readFile(path, 'utf8')),
  );
  const dispatcher = new Agent({ connect: { cert, key, ca, maxCachedSessions: 0 } });
  try {
    const { statusCode, body } = await request(url, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ method, args: JSON.stringify(args), clientVO: vo, clientSetup: setup }).toString(),
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${method}: ${statusCode} ${text.slice(0, 200)}`);
    const { OK, Value } = answer.parse(JSON.parse(text));
    if (!OK) throw new Error(`${method}: ${text.slice(0, 300)}`);
    return Value;
  } finally {
    await dispatcher.destroy();
  }
}
