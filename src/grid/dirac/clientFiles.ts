import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The `dirac.cfg` files of clients that are installed on this computer, where DIRAC itself looks for them; the likeliest first.
 *
 * Network file systems are not looked into: one that does not answer would hold up whoever asks.
 */
export async function findClientFiles(env: Environment = process.env): Promise<readonly string[]> {
  const home = env['HOME'] || homedir();
  const folders = [env['DIRAC'], env['DIRAC_ROOT_PATH'], env['DIRACOS'], join(home, 'diracos'), '/opt/dirac'];
  const paths = [
    env['DIRACSYSCONFIG'],
    join(home, '.dirac.cfg'),
    ...folders.map((folder) => folder && join(folder, 'etc', 'dirac.cfg')),
  ];
  const candidates = paths.filter((path) => path !== undefined && isAbsolute(path));
  const readable = await Promise.all(
    candidates.map((path) =>
      access(path ?? '', constants.R_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return [...new Set(candidates.flatMap((path, index) => (path !== undefined && readable[index] ? [path] : [])))];
}
