import { SitespanError } from '../../base/errors.js';
import type { ProxyFacts } from '../../credentials/proxyFile.js';
import { offeredCertificate, offeredCertificates } from '../../owner/proxy/offeredCertificates.js';
import { askPassphrase } from '../proxy/askPassphrase.js';
import { KeptOrders } from '../proxy/keptOrders.js';
import { makeProxy, type WantedProxy } from '../proxy/makeProxy.js';
import { pickProxy } from '../proxy/pickProxy.js';
import type { Window } from '../window.js';
import { initProxy } from './initProxy.js';

const title = 'Renew Proxy';

/**
 * Makes a proxy once more: of the same certificate, for the same group, for as long. Only the passphrase is asked for; where
 * nobody knows how it was made, all is.
 */
export async function renewProxy(window: Window, argument: unknown): Promise<void> {
  await window.proxies.refresh();
  const path = await pickProxy(window, argument, title);
  if (path === undefined) return;
  const wanted = await wantedAgain(window, path);
  if (wanted === undefined) {
    await initProxy(window, { proxy: path });
    return;
  }
  const { needsPassphrase } = await offeredCertificate(wanted.files);
  const answer = needsPassphrase ? await askPassphrase(title, wanted.files) : undefined;
  if (needsPassphrase && (answer === undefined || answer === 'back')) return;
  await makeProxy(window, wanted, answer === undefined || answer === 'back' ? undefined : answer.value);
}

/** As it was made in VS Code; else as its file tells. */
async function wantedAgain(window: Window, path: string): Promise<WantedProxy | undefined> {
  const facts = await factsOf(path);
  const kept = new KeptOrders(window.context.globalState).of(path);
  if (kept !== undefined && (await isThere(kept)) && (facts === undefined || facts.group === kept.group)) {
    const { grids } = window.addedGrids;
    const isKnown = kept.grid === undefined || Object.hasOwn(grids, kept.grid);
    return isKnown ? { ...kept, path } : { ...kept, path, grid: undefined, upload: false };
  }
  if (facts === undefined) return undefined;
  const offered = (await offeredCertificates()).find(({ identity }) => identity === facts.identity);
  if (offered === undefined) return undefined;
  const { group, notBefore, expires } = facts;
  // Its authorities are those that it will be judged by.
  const [grid] =
    Object.entries(window.addedGrids.grids).find(([, { spec }]) => spec.proxy === path && spec.group === group) ?? [];
  const hours = Math.max(1, Math.round((expires.getTime() - notBefore.getTime()) / 3_600_000));
  return { files: offered.files, grid, group, hours, upload: false, path };
}

async function isThere({ files }: WantedProxy): Promise<boolean> {
  return offeredCertificate(files).then(
    () => true,
    () => false,
  );
}

async function factsOf(path: string): Promise<ProxyFacts | undefined> {
  const { proxyFacts, readProxyFile } = await import('../../credentials/proxyFile.js');
  try {
    return proxyFacts(path, (await readProxyFile(path)).chain);
  } catch (error) {
    if (SitespanError.is(error)) return undefined;
    throw error;
  }
}
