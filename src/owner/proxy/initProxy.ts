import { makeProxy, proxyPem } from '../../credentials/proxy.js';
import { type ProxyFacts, proxyFacts, usualProxyPath, writeProxy } from '../../credentials/proxyFile.js';
import { type CertificateChoice, openOwnCertificate } from './ownCertificate.js';
import { checkGroup, type ProxyServer, type StoredProxy, uploadProxy } from './uploadProxy.js';

/** What proxy is wanted of which certificate. */
export interface ProxyOrder extends CertificateChoice {
  /** DIRAC's group; its default for the person, where none is given. */
  readonly group?: string | undefined;
  readonly hours: number;
  readonly limited?: boolean;
  /** Where it is written; where grids' tools look, unless told otherwise. */
  readonly path?: string | undefined;
  /** Where a long one is uploaded to as well, that jobs run with. */
  readonly upload?: { readonly server: ProxyServer; readonly days: number } | undefined;
  /** A sentence for each step that is done. */
  readonly progress?: (sentence: string) => void;
  /** Told when the proxy lies there: what fails after that is the upload. */
  readonly onWritten?: (made: MadeProxy) => void;
  readonly signal?: AbortSignal;
}

export interface MadeProxy {
  readonly facts: ProxyFacts;
  readonly warnings: readonly string[];
  /** All that the server holds of the person, where something was uploaded. */
  readonly stored?: readonly StoredProxy[];
}

/**
 * Makes a proxy of a person's certificate, and writes it where grids' tools look for it.
 *
 * The certificate is opened once: it also signs what is uploaded, which a proxy with a group may not.
 *
 * Where it is uploaded, too, its group is looked up first, and no proxy is made for one that will be refused.
 *
 * @throws SitespanError as `openOwnCertificate`, `checkGroup`, `makeProxy`, `writeProxy` and `uploadProxy`
 */
export async function initProxy(order: ProxyOrder): Promise<MadeProxy> {
  const { group, hours, limited = false, upload, progress, onWritten, now, signal } = order;
  const opened = await openOwnCertificate(order);
  const { credential } = opened;
  const grouped =
    upload === undefined || group === undefined ? [] : await checkGroup(upload.server, credential, group, signal);
  const warnings = [...opened.warnings, ...grouped];
  const wish = { seconds: hours * 3600, limited, ...(group && { group }), ...(now && { now }) };
  const proxy = await makeProxy(credential, wish);
  const path = order.path ?? usualProxyPath();
  signal?.throwIfAborted();
  await writeProxy(path, proxyPem(proxy));
  progress?.(`The proxy lies in ${path}.`);
  const facts = proxyFacts(path, proxy.chain);
  onWritten?.({ facts, warnings });
  if (upload === undefined) return { facts, warnings };
  const uploaded = await uploadProxy(upload.server, credential, { days: upload.days, signal });
  progress?.(`A proxy that jobs run with was uploaded to ${upload.server.address}.`);
  return { facts, warnings: [...warnings, ...uploaded.warnings], stored: uploaded.stored };
}
