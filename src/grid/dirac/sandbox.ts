import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLeashed } from '../../base/child/leashed.js';
import { SitespanError } from '../../base/errors.js';
import type { JobIntent } from '../grid.js';

/** What a job runs: it sets the intent's variables and becomes the intent's executable. */
export const starter = 'sitespan-job.sh';

/** DIRAC's own limit. */
const largestBytes = 10 * 1024 * 1024;
const patienceMs = 60_000;

export interface Archive {
  /** DIRAC's name for it: the md5 of its bytes is how it checks what it got. */
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * The folder of an intent and its starter as DIRAC wants an input sandbox: a `tar.bz2` of at most 10 MiB.
 *
 * @throws SitespanError `intent-invalid`.
 */
export async function packSandbox(intent: JobIntent): Promise<Archive> {
  const { sandbox, executable, environment } = intent;
  return inScratch(async (scratch) => {
    const content = join(scratch, 'content');
    try {
      await cp(sandbox, content, { recursive: true, dereference: true });
      await chmod(join(content, executable), 0o755);
    } catch (cause) {
      const message = `These jobs cannot be submitted: there is no file ${join(sandbox, executable)} on this computer.`;
      throw new SitespanError('intent-invalid', message, { cause });
    }
    await writeFile(join(content, starter), starterOf(executable, environment), { mode: 0o755 });
    const path = join(scratch, 'sandbox.tar.bz2');
    await tar(['--create', '--bzip2', '--file', path, '--directory', content, '.']);
    const bytes = await readFile(path);
    if (bytes.length > largestBytes) {
      throw new SitespanError(
        'intent-invalid',
        `These jobs cannot be submitted: what they carry has ${bytes.length} bytes packed, and DIRAC takes ${largestBytes}.`,
      );
    }
    return { name: `${createHash('md5').update(bytes).digest('hex')}.tar.bz2`, bytes };
  });
}

/** The texts of an output sandbox: standard output, then standard error, of each the end. */
export async function unpackOutput(bytes: Buffer, limitBytes: number): Promise<string> {
  return inScratch(async (scratch) => {
    const path = join(scratch, 'sandbox.tar.bz2');
    const content = join(scratch, 'content');
    await writeFile(path, bytes, { mode: 0o600 });
    await mkdir(content);
    await tar(['--extract', '--bzip2', '--no-same-owner', '--file', path, '--directory', content]);
    // An empty one is left out by DIRAC.
    const names = (await readdir(content)).filter((name) => name === 'std.out' || name === 'std.err').sort();
    const texts = await Promise.all(names.reverse().map((name) => readFile(join(content, name))));
    return Buffer.concat(texts.map((text) => text.subarray(-limitBytes))).toString('utf8');
  });
}

function starterOf(executable: string, environment: JobIntent['environment']): string {
  const lines = Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return ['#!/bin/sh', ...lines, `exec ./${quoted(executable)}`, ''].join('\n');
}

/** A word of POSIX sh that is exactly `text`. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

async function tar(args: readonly string[]): Promise<void> {
  const done = await runLeashed({ command: 'tar', args, timeoutMs: patienceMs });
  if (done.exitCode === 0) return;
  throw new SitespanError(
    'sandbox-failed',
    `tar on this computer could not handle a sandbox of DIRAC's (it needs bzip2, too): ${done.stderr.trim().slice(0, 300)}`,
  );
}

async function inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), 'sitespan-sandbox-'));
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
