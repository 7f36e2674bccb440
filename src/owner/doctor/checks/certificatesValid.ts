import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { unlessAbsent } from '../../../base/systemError.js';
import { duration } from '../../duration.js';
import { type Check, type Finding, findEach } from '../check.js';
import { type OpenCluster, openOnes } from '../examinedCluster.js';

const soonMs = 14 * 86_400_000;
const identity = z.object({ tls: z.object({ cert: z.string() }) });

/** A cluster's own certificates; its parts get theirs for a year. */
export const certificatesValid: Check = {
  id: 'certificates-valid',
  title: "clusters' certificates are valid",
  find: ({ clusters, now }) => findEach(openOnes(clusters), (cluster) => look(cluster, now)),
};

async function look({ name, folder }: OpenCluster, now: number): Promise<readonly Finding[]> {
  const scheduler = join(folder.scheduler, 'identity.json');
  const relay = join(folder.relay, 'cert.pem');
  const certificates: readonly (readonly [string, string | undefined])[] = [
    [folder.caCertificate, await textOf(folder.caCertificate)],
    [relay, await textOf(relay)],
    [scheduler, certificateIn(await textOf(scheduler))],
  ];
  return certificates.flatMap(([path, pem]) => (pem === undefined ? [] : expiring(name, path, pem, now)));
}

function expiring(name: string, path: string, pem: string, now: number): Finding[] {
  const fix = `Make the cluster again: sitespan down ${name}, then sitespan up ${name}.`;
  let ends: number;
  try {
    ends = Date.parse(new X509Certificate(pem).validTo);
  } catch {
    return [{ severity: 'wrong', what: `A certificate of ${name} cannot be read.`, where: path, fix }];
  }
  if (ends > now + soonMs) return [];
  const over = ends <= now;
  const left = duration(Math.abs(ends - now) / 1000);
  const what = `A certificate of ${name} ${over ? `expired ${left} ago` : `expires in ${left}`}; nobody can join then.`;
  return [{ severity: over ? 'wrong' : 'doubtful', what, where: path, fix }];
}

function textOf(path: string): Promise<string | undefined> {
  return unlessAbsent(readFile(path, 'utf8'));
}

function certificateIn(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return identity.parse(JSON.parse(text)).tls.cert;
  } catch {
    // Not whole: its process says so itself.
    return undefined;
  }
}
