import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import { secrets, settings } from '../../ids.js';
import { inProgress } from '../progress.js';
import { type Answer, askText } from '../questions.js';
import { addressOf, parseRelay, type RelaySecret } from '../relayChoice.js';
import { askSteps, type Step } from '../steps.js';
import type { Window } from '../window.js';

const title = 'Set Relay';

/** What is asked; what is known already stands there. */
export interface RelayWish {
  readonly address: string;
  readonly tenant: string;
  readonly userKey: string;
  /** The name in its certificate; empty where that is its host. */
  readonly serverName: string;
  /** A file with the relay's authority; empty where the system's trust is meant. */
  readonly authority: string;
}

/**
 * Asks for a relay that others run, makes sure that it knows us, and keeps its key in secret storage. Without an address, new
 * clusters have a relay of their own again.
 */
export async function setRelay(window: Window): Promise<void> {
  const address = String(vscode.workspace.getConfiguration().get(settings.relay) ?? '');
  await askRelay(window, { address, tenant: 'me', userKey: '', serverName: '', authority: '' });
}

/** The same, with what is known of a relay filled in. */
export async function askRelay({ context }: Window, known: RelayWish): Promise<void> {
  const wish = await askSteps(known, steps);
  if (wish === undefined) return;
  const place = parseRelay(wish.address);
  if (place === undefined) {
    await context.secrets.delete(secrets.relayKey);
    await keepAddress('');
    vscode.window.setStatusBarMessage('New clusters have a relay of their own, on this computer.', 5000);
    return;
  }
  const kept: RelaySecret = {
    ...{ address: wish.address, tenant: wish.tenant, userKey: wish.userKey },
    ...(wish.serverName === '' ? {} : { serverName: wish.serverName }),
    ...(wish.authority === '' ? {} : { ca: await readAuthority(wish.authority) }),
  };
  const { checkRelay } = await import('../../owner/checkRelay.js');
  const access = { tenant: kept.tenant, userKey: kept.userKey, address: addressOf(place, kept) };
  await inProgress(`Asking the relay at ${wish.address}`, (_say, signal) => checkRelay(access, signal));
  await context.secrets.store(secrets.relayKey, JSON.stringify(kept));
  await keepAddress(wish.address);
  vscode.window.setStatusBarMessage(`The relay at ${wish.address} knows ${wish.tenant}; new clusters use it.`, 5000);
}

const isOwn = ({ address }: RelayWish): boolean => address === '';

const steps: readonly Step<RelayWish>[] = [
  {
    ask: async (wish, place) => {
      const answer = await askText({
        ...{ title, place, value: wish.address },
        placeholder: 'host:port of a relay that others run; empty: each cluster has its own, on this computer.',
        refuse: (text) =>
          text === '' || parseRelay(text) !== undefined ? undefined : 'Such as relay.example.org:443.',
      });
      return changed(answer, (address) => ({ ...wish, address }));
    },
  },
  {
    skip: isOwn,
    ask: async (wish, place) => {
      const answer = await askText({
        ...{ title, place, value: wish.tenant },
        placeholder: 'The name by which the relay knows you (its tenant).',
        refuse: (text) => (/^[A-Za-z0-9_-]{1,64}$/.test(text) ? undefined : 'Up to 64 letters, digits, "-" or "_".'),
      });
      return changed(answer, (tenant) => ({ ...wish, tenant }));
    },
  },
  {
    skip: isOwn,
    ask: async (wish, place) => {
      const answer = await askText({
        ...{ title, place, value: wish.userKey, password: true },
        placeholder: 'Your key at the relay: 64 hexadecimal digits. It is kept in the secret storage.',
        refuse: (text) => (/^[0-9a-f]{64}$/.test(text) ? undefined : 'A key has 64 digits 0-9 a-f.'),
      });
      return changed(answer, (userKey) => ({ ...wish, userKey }));
    },
  },
  {
    skip: isOwn,
    ask: async (wish, place) => {
      const answer = await askText({
        ...{ title, place, value: wish.serverName },
        placeholder: "The name in the relay's certificate; empty: its host.",
        refuse: (text) => (/^[A-Za-z0-9.-]*$/.test(text) ? undefined : 'Letters, digits, "-" and "." only.'),
      });
      return changed(answer, (serverName) => ({ ...wish, serverName }));
    },
  },
  {
    skip: isOwn,
    ask: async (wish, place) => {
      const answer = await askText({
        ...{ title, place, value: wish.authority },
        placeholder: "File with the relay's certificate authority (PEM); empty: what this computer trusts.",
        refuse: (text) => (text === '' || isAbsolute(text) ? undefined : 'An absolute path, or nothing.'),
      });
      return changed(answer, (authority) => ({ ...wish, authority }));
    },
  },
];

function changed(answer: Answer<string>, change: (text: string) => RelayWish): Answer<RelayWish> {
  return answer === undefined || answer === 'back' ? answer : { value: change(answer.value) };
}

async function readAuthority(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new SitespanError('authority-unreadable', `The file ${path} cannot be read on this computer; give another.`, {
      cause,
    });
  });
  if (text.startsWith('-----BEGIN CERTIFICATE-----')) return text;
  throw new SitespanError(
    'authority-unreadable',
    `The file ${path} is no certificate in PEM form ("-----BEGIN CERTIFICATE-----").`,
  );
}

async function keepAddress(address: string): Promise<void> {
  const value = address === '' ? undefined : address;
  await vscode.workspace.getConfiguration().update(settings.relay, value, vscode.ConfigurationTarget.Global);
}
