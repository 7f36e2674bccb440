import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { databases } from './configuration.js';
import type { RigProcesses } from './rigProcesses.js';

const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];

export interface DatabaseOptions {
  readonly processes: RigProcesses;
  readonly port: number;
  readonly password: string;
  /** The installed package `DIRAC`: its schemas are loaded as its own installer would. */
  readonly dirac: string;
}

/** A MariaDB of the rig's own with DIRAC's databases: its own files, a socket, a port on loopback. */
export async function startDatabase({ processes, port, password, dirac }: DatabaseOptions): Promise<void> {
  const folder = join(processes.folder, 'db');
  const socket = join(folder, 'sock');
  // A MariaDB that starts removes the temporary tables of all others from a folder that they share.
  const data = ['--no-defaults', `--datadir=${join(folder, 'data')}`, `--tmpdir=${join(folder, 'tmp')}`, ...asRoot];
  for (const name of ['data', 'tmp']) await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
  await must('mariadb-install-db', [...data, '--auth-root-authentication-method=normal', '--skip-test-db']);
  processes.start('mariadb', [
    '/usr/sbin/mariadbd',
    ...data,
    ...[`--socket=${socket}`, `--port=${port}`, '--bind-address=127.0.0.1', `--pid-file=${join(folder, 'pid')}`],
    ...['--innodb-buffer-pool-size=64M', '--innodb-log-file-size=16M', '--innodb-flush-log-at-trx-commit=0'],
    // It is thrown away with the rig, so nothing need outlive a power cut.
    ...['--innodb-doublewrite=0', '--performance-schema=off', '--skip-log-bin', '--skip-name-resolve'],
    ...['--max-connections=300', '--sql-mode='],
  ]);
  const client = ['--no-defaults', `--socket=${socket}`, '--user=root'];
  await processes.answers('mariadb', async () => {
    await must('mariadb', [...client, '--execute=SELECT 1']);
    return true;
  });
  const statements: string[] = [];
  for (const [system, names] of Object.entries(databases)) {
    for (const name of names) {
      statements.push(`CREATE DATABASE \`${name}\`;`);
      for (const host of ['127.0.0.1', 'localhost']) {
        statements.push(`GRANT ALL ON \`${name}\`.* TO 'dirac'@'${host}' IDENTIFIED BY '${password}';`);
      }
      statements.push(await readFile(join(dirac, `${system}System`, 'DB', `${name}.sql`), 'utf8'));
    }
  }
  await must('mariadb', client, statements.join('\n'));
}

async function must(command: string, args: readonly string[], input = ''): Promise<void> {
  const done = await runLeashed({ command, args, input, timeoutMs: 120_000 });
  if (done.exitCode !== 0) throw new Error(`${command}: ${done.stderr.slice(-2000)}${done.stdout.slice(-500)}`);
}
