import { SitespanError } from '../base/errors.js';
import { destroyProxy, type ProxyFacts, usualProxyPath } from '../credentials/proxyFile.js';
import { type CertificateFiles, certificateFilesOf } from '../credentials/userCertificateFiles.js';
import { duration } from '../owner/duration.js';
import { initProxy } from '../owner/proxy/initProxy.js';
import { openOwnCertificate } from '../owner/proxy/ownCertificate.js';
import { proxyInfo } from '../owner/proxy/proxyInfo.js';
import { type ProxyPlace, proxyPlace } from '../owner/proxy/proxyPlace.js';
import { type StoredProxy, uploadProxy } from '../owner/proxy/uploadProxy.js';
import { coloursOf } from './colours.js';
import { GivenArguments } from './givenArguments.js';
import { proxyHelp } from './help/proxyHelp.js';
import { passphraseFrom } from './passphrase.js';
import { note, print } from './print.js';
import { wholeNumber } from './quantities.js';
import { table } from './table.js';
import { untilStopped } from './untilStopped.js';

type Action = (given: GivenArguments, signal: AbortSignal) => Promise<number>;

const certificateFlags = ['--cert', '--key', '--p12', '--passphrase-stdin'];
const actions: Readonly<Record<string, { readonly run: Action; readonly takes: readonly string[] }>> = {
  init: {
    run: init,
    takes: [
      ...certificateFlags,
      ...['--group', '--hours', '--limited', '--out', '--ca-folder', '--grid', '--days', '--json'],
    ],
  },
  info: { run: info, takes: ['--file', '--ca-folder', '--json'] },
  destroy: { run: destroy, takes: ['--file'] },
  upload: { run: upload, takes: [...certificateFlags, '--ca-folder', '--grid', '--days', '--json'] },
};

/** `sitespan proxy init|info|destroy|upload`: from a certificate to what grids take. */
export function runProxy(argv: readonly string[]): Promise<number> {
  const given = GivenArguments.read('proxy', proxyHelp, argv);
  const [name = ''] = given.exactly(1);
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined) throw given.wrong();
  const strange = proxyHelp.options.find(({ flag }) => given.has(flag) && !action.takes.includes(flag));
  if (strange !== undefined) {
    throw new SitespanError(
      'usage',
      `"sitespan proxy ${name}" takes no ${strange.flag}, but ${action.takes.join(', ')}.`,
    );
  }
  return untilStopped((signal) => action.run(given, signal));
}

async function init(given: GivenArguments, signal: AbortSignal): Promise<number> {
  const hours = wholeNumber(given.text('--hours') ?? '24', 'The number of hours', 1);
  const place = given.has('--grid') ? await placeOf(given) : undefined;
  const made = await initProxy({
    ...choiceOf(given, place, signal),
    ...{ group: given.text('--group') ?? place?.group, hours, limited: given.has('--limited') },
    path: given.text('--out') ?? place?.path,
    upload: place === undefined ? undefined : { server: place.server, days: daysOf(given) },
    progress: note,
    signal,
  });
  for (const warning of made.warnings) note(`! ${warning}`);
  const { facts, warnings, stored } = made;
  if (given.has('--json')) print(JSON.stringify({ ...asJson(facts), warnings, ...(stored && { stored }) }, null, 2));
  else {
    showFacts(facts);
    if (stored !== undefined) showStored(stored);
  }
  return 0;
}

async function info(given: GivenArguments): Promise<number> {
  const path = given.text('--file') ?? usualProxyPath();
  const json = given.has('--json');
  try {
    const { facts, problem, warnings } = await proxyInfo(path, { authorities: given.text('--ca-folder') });
    if (json) print(JSON.stringify({ ...asJson(facts), ...said(problem), warnings }, null, 2));
    else showFacts(facts);
    for (const warning of json ? [] : warnings) note(`! ${warning}`);
    if (problem !== undefined) note(`sitespan: ${problem.message}`);
    return problem === undefined ? 0 : 1;
  } catch (error) {
    if (json && SitespanError.is(error)) print(JSON.stringify({ path, ...said(error) }, null, 2));
    throw error;
  }
}

async function destroy(given: GivenArguments): Promise<number> {
  const path = given.text('--file') ?? usualProxyPath();
  print((await destroyProxy(path)) ? `The proxy ${path} was removed.` : `There is no proxy ${path}.`);
  return 0;
}

async function upload(given: GivenArguments, signal: AbortSignal): Promise<number> {
  const place = await placeOf(given);
  const days = daysOf(given);
  const { credential, warnings } = await openOwnCertificate(choiceOf(given, place, signal));
  const uploaded = await uploadProxy(place.server, credential, { days, signal });
  for (const warning of new Set([...warnings, ...uploaded.warnings])) note(`! ${warning}`);
  if (given.has('--json')) print(JSON.stringify({ stored: uploaded.stored }, null, 2));
  else showStored(uploaded.stored);
  return 0;
}

function choiceOf(given: GivenArguments, place: ProxyPlace | undefined, signal: AbortSignal) {
  return {
    files: filesOf(given),
    passphrase: passphraseFrom(given.has('--passphrase-stdin'), signal),
    authorities: given.text('--ca-folder') ?? place?.server.authorities,
  };
}

function filesOf(given: GivenArguments): CertificateFiles | undefined {
  const [certificate, key, path] = ['--cert', '--key', '--p12'].map((flag) => given.text(flag));
  if (path !== undefined) {
    if (certificate !== undefined || key !== undefined) {
      throw new SitespanError('usage', 'Give --p12, or --cert with --key; not both.');
    }
    return { kind: 'pkcs12', path };
  }
  if (certificate !== undefined) return certificateFilesOf(certificate, key);
  if (key === undefined) return undefined;
  throw new SitespanError('usage', '--key goes with --cert.');
}

function placeOf(given: GivenArguments): Promise<ProxyPlace> {
  const grid = given.text('--grid');
  if (grid === undefined) {
    throw new SitespanError(
      'usage',
      'Say with --grid where to upload to: a grid of "sitespan grid list", or the address of DIRAC\'s HTTPS services.',
    );
  }
  return proxyPlace(grid, given.text('--ca-folder'));
}

function daysOf(given: GivenArguments): number {
  return wholeNumber(given.text('--days') ?? '30', 'The number of days', 1);
}

function asJson(facts: ProxyFacts) {
  return { ...facts, secondsLeft: secondsLeft(facts.expires) };
}

function said(problem: SitespanError | undefined) {
  return problem === undefined ? {} : { problem: { code: problem.code, message: problem.message } };
}

function showFacts({ path, identity, proxies, limited, group, voms, expires }: ProxyFacts): void {
  const colours = coloursOf(process.stdout);
  const left = secondsLeft(expires);
  const kind =
    proxies === 0
      ? 'a certificate with its key'
      : `${limited ? 'limited ' : ''}proxy${proxies > 1 ? ` of ${proxies - 1} more` : ''}`;
  for (const [name, value] of [
    ['file', path],
    ['identity', identity],
    ['group', group ?? "none: DIRAC's default for you"],
    ['kind', voms ? `${kind}, with VOMS attributes` : kind],
    [
      'left',
      left > 0
        ? `${duration(left)}, until ${expires.toISOString()}`
        : colours.bad(`expired at ${expires.toISOString()}`),
    ],
  ] as const) {
    print(`${name.padEnd(10)}${value}`);
  }
}

function showStored(stored: readonly StoredProxy[]): void {
  if (stored.length === 0) {
    print('DIRAC keeps no proxy of yours.');
    return;
  }
  const rows = stored.map(({ identity, group, expires }) => [identity, group ?? 'all', expires.toISOString()]);
  for (const line of table([['kept by DIRAC', 'group', 'until'], ...rows], ['left', 'left', 'left'])) print(line);
}

function secondsLeft(expires: Date): number {
  return Math.max(0, Math.floor((expires.getTime() - Date.now()) / 1000));
}
