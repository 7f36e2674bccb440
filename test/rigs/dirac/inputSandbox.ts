import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { DiracClient } from '../../../src/grid/dirac/diracClient.js';
import type { DiracSpec } from '../../../src/grid/gridSpec.js';

const sandboxes = z.looseObject({ Input: z.tuple([z.string()]) });

/** What a job was given, as DIRAC has it, unpacked into a new folder below `folder`. @returns the new one */
export async function inputSandbox(spec: DiracSpec, job: string, folder: string): Promise<string> {
  const client = new DiracClient(spec);
  try {
    const asked = [`Job:${job}`];
    const { Input } = await client.call('SandboxStore', 'getSandboxesAssignedToEntity', asked, sandboxes);
    const [, path] = Input[0].split('|');
    const into = await mkdtemp(join(folder, `job-${job}-`));
    const archive = `${into}.tar.bz2`;
    await writeFile(archive, await client.download('SandboxStore', 'streamToClient', [path, '']));
    const args = ['--extract', '--bzip2', '--no-same-owner', '--file', archive, '--directory', into];
    const done = await runLeashed({ command: 'tar', args, timeoutMs: 60_000 });
    if (done.exitCode !== 0) throw new Error(`The sandbox of job ${job}: ${done.stderr}`);
    return into;
  } finally {
    await client.close();
  }
}
