import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Stands for apptainer: understands what we say to it, and enters an image by bubblewrap. The image is a folder of links, as
 * what lies unpacked on CVMFS is a folder of files: an absolute link is shown under its name, a relative one stays a link.
 * Nothing else of this computer is seen inside.
 */
const program = `#!/bin/bash
[ "$1" = exec ] || { echo "bubblewrapped: $1 is not understood" >&2; exit 9; }
shift
binds=() where=/
while [[ $1 == --* ]]; do
  case $1 in
    --bind) binds+=(--bind "$2" "$2"); shift 2 ;;
    --pwd) where=$2; shift 2 ;;
    --nv) shift ;;
    *) echo "bubblewrapped: $1 is not understood" >&2; exit 9 ;;
  esac
done
image=$1
shift
entries=()
for entry in "$image"/*; do
  target=$(readlink "$entry")
  case $target in
    /*) entries+=(--ro-bind "$target" "/\${entry##*/}") ;;
    *) entries+=(--symlink "$target" "/\${entry##*/}") ;;
  esac
done
exec bwrap --die-with-parent --dev /dev --proc /proc --tmpfs /tmp "\${entries[@]}" \\
  --ro-bind INTERPRETER INTERPRETER "\${binds[@]}" --chdir "$where" -- "$@"
`;

/** Where a virtual environment is in the image. */
export const venvInside = '/of-the-image';

export interface Bubblewrapped {
  readonly image: string;
  /** A folder with `apptainer` in it, for a site's PATH. */
  readonly bin: string;
}

/** Makes an image that has a virtual environment, and the program that enters it. */
export async function bubblewrappedIn(folder: string, venv: string): Promise<Bubblewrapped> {
  const [image, bin] = [join(folder, 'image'), join(folder, 'bin')];
  await mkdir(image, { recursive: true });
  await mkdir(bin);
  const shown = { usr: '/usr', etc: '/etc', [venvInside.slice(1)]: await realpath(venv) };
  const kept = { bin: 'usr/bin', lib: 'usr/lib', lib64: 'usr/lib64' };
  for (const [name, target] of Object.entries({ ...shown, ...kept })) await symlink(target, join(image, name));
  // The venv's interpreter is a link to one outside of it.
  const interpreter = dirname(dirname(await realpath(join(venv, 'bin', 'python'))));
  const text = program.replaceAll('INTERPRETER', interpreter);
  await writeFile(join(bin, 'apptainer'), text, { mode: 0o755 });
  return { image, bin };
}
