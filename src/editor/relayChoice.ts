import { z } from 'zod';
import { SitespanError } from '../base/errors.js';
import { commands, secrets, settings } from '../ids.js';
import type { NewCluster } from '../keeper/clusters.js';
import type { RelayAddress } from '../relay/identity.js';
import { readSetting } from './readSetting.js';
import type { Window } from './window.js';

/** What *Set Relay…* keeps in secret storage: whom a relay knows us as. */
export const relaySecret = z.object({
  /** `host:port` of the relay it is for, as in the settings. */
  address: z.string(),
  tenant: z.string(),
  /** Hex of 32 bytes. */
  userKey: z.string(),
  /** The name in its certificate, where that is not its host. */
  serverName: z.string().optional(),
  /** The relay's authority, where the system's trust does not know it. */
  ca: z.string().optional(),
});
export type RelaySecret = z.infer<typeof relaySecret>;

/** `host:port`, taken apart; undefined for anything else. */
export function parseRelay(text: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match?.[1] === undefined || port < 1 || port > 65_535) return undefined;
  return { host: match[1].replaceAll(/[[\]]/g, ''), port };
}

/** How clusters reach their relay; `other` with what only their owner may know. */
export type RelayChoice = Pick<NewCluster, 'relay' | 'tenant' | 'userKey'>;

/** @throws SitespanError `relay-key-missing` where the settings name a relay whose key is not kept here */
export async function chosenRelay({ context }: Window): Promise<RelayChoice> {
  const address = readSetting(settings.relay, z.string(), '').trim();
  if (address === '') return {};
  const place = parseRelay(address);
  const kept = relaySecret.safeParse(parsedJson(await context.secrets.get(secrets.relayKey))).data;
  if (place === undefined || kept === undefined || kept.address !== address) {
    throw new SitespanError(
      'relay-key-missing',
      `The settings name the relay ${address}, and there is no key for it on this computer; give it with "Set Relay…", or empty the setting to have a relay of each cluster's own.`,
      { remedy: { command: commands.setRelay, label: 'Set Relay' } },
    );
  }
  const { tenant, userKey } = kept;
  return { relay: { kind: 'other', address: addressOf(place, kept) }, tenant, userKey };
}

/** Where a relay is and how it is known. */
export function addressOf(
  place: { readonly host: string; readonly port: number },
  { serverName, ca }: Pick<RelaySecret, 'serverName' | 'ca'>,
): RelayAddress {
  return { ...place, serverName: serverName ?? place.host, ...(ca === undefined ? {} : { ca }) };
}

function parsedJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
