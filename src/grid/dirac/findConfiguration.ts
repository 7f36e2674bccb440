import { readFile } from 'node:fs/promises';
import { SitespanError } from '../../base/errors.js';
import { isSystemError } from '../../base/systemError.js';
import type { GridCall } from '../grid.js';
import { Cfg } from './cfg.js';
import { DiracConfiguration } from './configuration.js';
import type { DiracClient } from './diracClient.js';

export interface FoundConfiguration {
  readonly configuration?: DiracConfiguration;
  /** Which server gave it. */
  readonly address?: string;
  readonly remarks: readonly string[];
}

/** Answers after which a grid may be good all the same: whoever gives its services need not give its configuration. */
const without: readonly string[] = ['grid-service-missing', 'grid-method-missing', 'grid-unauthorized', 'grid-failed'];

/**
 * Asks for a grid's whole configuration: the server that is named, else those of a client's file, else what may be beside the
 * services.
 *
 * @throws SitespanError `grid-clues-missing`; those of `DiracClient.call`, where a server was named or none of a file's answers
 */
export async function findConfiguration(
  client: DiracClient,
  clues: { readonly url?: string | undefined; readonly configuration?: string | undefined },
  file: DiracConfiguration | undefined,
  call?: GridCall,
): Promise<FoundConfiguration> {
  const servers = file?.servers ?? { usable: [], others: 0 };
  const named = clues.configuration === undefined ? servers.usable : [withPath(clues.configuration)];
  let failure: unknown;
  for (const address of named) {
    try {
      return { configuration: await DiracConfiguration.fetch(client, address, call), address, remarks: [] };
    } catch (error) {
      call?.signal?.throwIfAborted();
      failure = error;
    }
  }
  if (clues.url === undefined) {
    if (failure !== undefined) throw failure;
    throw new SitespanError(
      'grid-clues-missing',
      servers.others > 0
        ? 'All configuration servers in that dirac.cfg are dips://, which cannot be used; give one over https://, or the address of the services.'
        : 'Give the address of the services, of the configuration server, or a dirac.cfg that names one.',
    );
  }
  if (clues.configuration !== undefined) throw failure;
  return beside(client, withPath(clues.url), failure, call);
}

/** @throws SitespanError `cfg-missing`, `cfg-invalid` */
export async function readClientFile(path: string): Promise<DiracConfiguration> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const why = isSystemError(cause, 'ENOENT') ? 'is not there' : 'cannot be read';
    throw new SitespanError('cfg-missing', `${path} ${why} on this computer; give the path of a dirac.cfg.`, { cause });
  }
  return new DiracConfiguration(Cfg.parse(text, path));
}

async function beside(
  client: DiracClient,
  address: string,
  before: unknown,
  call?: GridCall,
): Promise<FoundConfiguration> {
  const remarks = SitespanError.is(before) ? [before.message] : [];
  try {
    return { configuration: await DiracConfiguration.fetch(client, address, call), address, remarks };
  } catch (error) {
    if (!SitespanError.is(error) || !without.includes(error.code)) throw error;
    const remark = `There is no configuration server at ${address}; what it would tell is asked, or can be given.`;
    return { remarks: [...remarks, remark] };
  }
}

function withPath(address: string): string {
  const { origin, pathname } = new URL(address);
  return pathname === '/' ? `${origin}/Configuration/Server` : address;
}
