import { open, readdir, readFile, realpath } from 'node:fs/promises';
import { arch, homedir, release, userInfo } from 'node:os';
import { basename, join, relative } from 'node:path';
import { Redactor } from '../../base/redactor.js';
import { unlessAbsent } from '../../base/systemError.js';
import { secretPlaces } from '../../keeper/clusterSecrets.js';
import type { Diagnosis } from './doctor.js';
import { type ExaminedCluster, keptFolders } from './examinedCluster.js';
import { type TarEntry, tarball } from './tarball.js';

/** Of each log the end: what went wrong is there. */
const logBytes = 500_000;

/** A variable under such a name holds what nobody else may know. */
const secretVariable = /(passw|passphrase|secret|token|credential|key)/i;

/**
 * What others need to help, as a `.tar.gz`: what the doctor has found, versions, and of every cluster settings, journal and
 * logs. Nothing secret, nor who and where the user is: every text is redacted, and every secret there is is taken out by name.
 */
export async function bundleOf({ examined, checked }: Diagnosis): Promise<Buffer> {
  const { clusters, env, now } = examined;
  const redactors = await redactorsOf(clusters, env);
  const entries = [
    { name: 'findings.json', text: json(checked.filter(({ findings }) => findings.length > 0)) },
    { name: 'versions.json', text: json(await versions(examined.bundle, examined.nodeVersion)) },
    ...(await Promise.all(clusters.map(entriesOf))).flat(),
  ];
  const redact = (text: string): string => redactors.reduce((so, redactor) => redactor.redact(so), text);
  return tarball(
    entries.map(({ name, text }) => ({ name: `sitespan/${name}`, text: redact(text) })),
    now / 1000,
  );
}

async function entriesOf(cluster: ExaminedCluster): Promise<TarEntry[]> {
  const { name, folder } = cluster;
  const logs = (await keptFolders(cluster)).flatMap((path) =>
    ['log.old', 'log', 'exit'].map((file) => join(path, file)),
  );
  const texts = await Promise.all(
    logs.map(async (path) => ({ name: `${name}/${relative(folder.path, path)}`, text: await endOf(path, logBytes) })),
  );
  const settings = await endOf(folder.settings, logBytes);
  const journal = await endOf(folder.journal, 10 * logBytes);
  return [
    { name: `${name}/cluster.json`, text: settings ?? '' },
    { name: `${name}/journal.jsonl`, text: withoutVariables(journal ?? '') },
    ...texts.flatMap(({ name: file, text }) => (text === undefined ? [] : [{ name: file, text }])),
  ];
}

/** Variables that a kernel was given are its user's affair; so are join tokens' names, though their keys are not with them. */
function withoutVariables(journal: string): string {
  return journal
    .split('\n')
    .map((line) => line.replace(/("variables":)\{.*?\}(?=[,}])/g, '$1{}').replaceAll(/join-[0-9a-f]{8,}/g, 'join-…'))
    .join('\n');
}

/** Two homes where the path that is used is a link. */
async function redactorsOf(
  clusters: readonly ExaminedCluster[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Redactor[]> {
  const user = userInfo().username;
  const homes = new Set([homedir(), await realpath(homedir()).catch(() => homedir()), env['HOME'] ?? homedir()]);
  const redactors = [...homes].map((home) => new Redactor({ home, user }));
  const [first] = redactors;
  for (const secret of [...(await secretsOf(clusters)), ...variablesOf(env)]) first?.register(secret);
  return redactors;
}

async function secretsOf(clusters: readonly ExaminedCluster[]): Promise<string[]> {
  const places = (await Promise.all(clusters.map(({ folder }) => secretPlaces(folder)))).flat();
  const texts = await Promise.all(places.map((path) => unlessAbsent(readFile(path, 'utf8'))));
  // Whole where it is one word, as a token; else every long word in it: keys, certificates' lines, tokens' names.
  return texts.flatMap((text) => text?.split(/(?:[\s"]|\\n|\\)+/).filter((word) => word.length >= 16) ?? []);
}

function variablesOf(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && value.length >= 6 && !value.includes('/') && secretVariable.test(name) ? [value] : [],
  );
}

async function versions(bundle: string, node: string): Promise<object> {
  const wheel = (await unlessAbsent(readdir(bundle)))?.find((name) => name.endsWith('.whl'));
  return {
    sitespan: basename(wheel ?? '', '.whl').split('-')[1] ?? 'unknown',
    ...{ node, platform: process.platform, release: release(), arch: arch() },
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function endOf(path: string, limitBytes: number): Promise<string | undefined> {
  const file = await unlessAbsent(open(path, 'r'));
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const length = Math.min(size, limitBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    // Half a line may begin with half a secret, which nobody would recognise.
    return size > limitBytes ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    await file.close();
  }
}
