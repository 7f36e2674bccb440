// Runs a tool of .venv: `node scripts/python.mjs ruff check python`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, runMain } from './failure.mjs';
import { root, venv } from './paths.mjs';

await runMain(([tool = '', ...args]) => {
  const path = join(venv, 'bin', tool);
  if (tool === '' || !existsSync(path)) {
    throw new Failure(
      `There is no ${tool || 'tool named, as in "ruff check python",'} in .venv; run node scripts/setup.mjs first.`,
    );
  }
  // mypy looks for its settings in the folder it is started in.
  const cwd = tool === 'mypy' ? join(root, 'python') : root;
  return spawnSync(path, args, { cwd, stdio: 'inherit' }).status ?? 1;
});
