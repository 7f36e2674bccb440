import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SitespanError } from '../../base/errors.js';
import { privateFolder } from '../../base/privateFolder.js';
import { writeAtomically } from '../../base/writeAtomically.js';
import type { Identity } from '../../relay/identity.js';

/**
 * Writes what a job carries into `folder`: `start.sh`, `join.json` and our wheel; no key (docs/architecture.md, "Job").
 *
 * It is the same for all jobs of a bulk, and people at a site may read it.
 *
 * @param bundle folder in which the wheel lies
 * @param python the interpreter as the site's nodes see it
 */
export async function writePayload(folder: string, bundle: string, python: string, joiner: Identity): Promise<void> {
  await privateFolder(folder);
  const wheel = (await readdir(bundle)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) {
    throw new SitespanError(
      'wheel-missing',
      `No wheel lies in ${bundle} on this computer; build it with "npm run build".`,
    );
  }
  await copyFile(join(bundle, wheel), join(folder, wheel));
  await writeAtomically(join(folder, 'join.json'), JSON.stringify(joiner));
  await writeAtomically(join(folder, 'start.sh'), startScript(wheel, python), 0o700);
}

/** The interpreter unpacks the wheel itself, since a node need not have `unzip`; the worker starts in an empty folder. */
function startScript(wheel: string, python: string): string {
  return `#!/bin/sh
set -eu
here=$(pwd)
python=${quoted(python)}
if ! command -v "$python" >/dev/null 2>&1; then
  echo "sitespan: this node has no $python; give the pool an interpreter that its sites have." >&2
  exit 3
fi
"$python" -m zipfile -e ${quoted(wheel)} lib
export PYTHONPATH="$here/lib\${PYTHONPATH:+:$PYTHONPATH}"
mkdir work
cd work
exec "$python" -m sitespan.worker --join "$here/join.json"
`;
}

/** A word of POSIX sh that is exactly `text`. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
