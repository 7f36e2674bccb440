import type { EnvironmentSpec } from './environmentSpec.js';

/**
 * Shell that enters an environment, for this computer (enter.ts) and for a job's node (keeper/worker/payload.ts).
 *
 * All that differs is in variables, set by whoever puts this in front of a tail of their own, so no text of the user is ever
 * read as shell: `sitespan_what` (the script, prefix or interpreter), `sitespan_where` ("on this computer") and, where there
 * is a choice, `sitespan_python`. After it `sitespan_python` is an interpreter that can be run and is Python 3.6 or newer.
 * A failure is one sentence on stderr, the last line, and exit code 3.
 */
export function entryOf(kind: EntryKind): string {
  return `${failing}${{ script: sourcing, conda: activating, python: '' }[kind]}${finding[kind]}${checking}`;
}

/** What is inside of a container is entered as a plain interpreter. */
export type EntryKind = Exclude<EnvironmentSpec['kind'], 'container'>;

/** Scripts of CVMFS and of conda packages are written for bash; the rest is any POSIX sh. */
export function shellOf(kind: EntryKind): 'bash' | 'sh' {
  return kind === 'python' ? 'sh' : 'bash';
}

/** What a container's image is entered with; `sitespan_runtime` is its path. */
export const findRuntime = `
sitespan_runtime=$(command -v apptainer || command -v singularity) || {
  printf 'sitespan: neither apptainer nor singularity is in PATH %s, so the image %s cannot be entered; install one, or choose another environment.\\n' "$sitespan_where" "$sitespan_what" >&2
  exit 3
}
`;

const failing = `
sitespan_fail() { printf 'sitespan: %s\\n' "$1" >&2; exit 3; }
`;

/**
 * Sourced with no arguments and nothing to read; what it prints is no answer of ours. It may end the shell itself, and it may
 * leave options set that would end it later.
 */
const sourcing = `
[ -f "$sitespan_what" ] || sitespan_fail "there is no set-up script $sitespan_what $sitespan_where; give the path of one that is there."
[ -r "$sitespan_what" ] || sitespan_fail "the set-up script $sitespan_what may not be read $sitespan_where."
sitespan_said() {
  sitespan_fail "the set-up script $sitespan_what failed $sitespan_where with exit code $1; if the environment is good nevertheless, source it from a script of your own that ends with 'true'."
}
sitespan_arguments=("$@")
set --
trap 'sitespan_said $?' EXIT
case $sitespan_what in
  */*) . "$sitespan_what" </dev/null >&2 ;;
  *) . "./$sitespan_what" </dev/null >&2 ;;
esac
sitespan_status=$?
trap - EXIT
set +eu
[ "$sitespan_status" -eq 0 ] || sitespan_said "$sitespan_status"
set -- "\${sitespan_arguments[@]}"
`;

/** What \`conda activate\` does, without conda, which need not be there. A script's failure is no failure for conda either. */
const activating = `
[ -d "$sitespan_what" ] || sitespan_fail "there is no conda prefix $sitespan_what $sitespan_where; give the folder of an environment that is there."
sitespan_python=$sitespan_what/bin/python
[ -x "$sitespan_python" ] || sitespan_fail "the conda prefix $sitespan_what has no bin/python $sitespan_where; install python in it, or choose another environment."
unset PYTHONHOME VIRTUAL_ENV
export PATH="$sitespan_what/bin\${PATH:+:$PATH}"
export CONDA_PREFIX=$sitespan_what CONDA_DEFAULT_ENV=\${sitespan_what##*/} CONDA_SHLVL=1
sitespan_arguments=("$@")
set --
trap 'sitespan_fail "a script in $sitespan_what/etc/conda/activate.d ended the shell $sitespan_where with exit code $?; mend or remove it."' EXIT
for sitespan_script in "$sitespan_what"/etc/conda/activate.d/*.sh; do
  [ -r "$sitespan_script" ] && . "$sitespan_script" </dev/null >&2
done
trap - EXIT
set +eu
set -- "\${sitespan_arguments[@]}"
`;

const finding: Readonly<Record<EntryKind, string>> = {
  script: `
command -v "$sitespan_python" >/dev/null 2>&1 || sitespan_fail "the set-up script $sitespan_what puts no $sitespan_python into PATH $sitespan_where; choose another script or interpreter."
`,
  conda: '',
  python: `
sitespan_python=$sitespan_what
if ! command -v "$sitespan_python" >/dev/null 2>&1; then
  [ -e "$sitespan_python" ] && sitespan_fail "$sitespan_python cannot be run $sitespan_where; give an interpreter that can."
  sitespan_fail "there is no $sitespan_python $sitespan_where; give an interpreter that is there."
fi
`,
};

/** An interpreter that cannot read our program must not be left to say it in its own words. */
const checking = `
sitespan_version=$("$sitespan_python" -c 'import sys; sys.stdout.write("%d.%d\\n" % sys.version_info[:2] if sys.version_info < (3, 6) else "good\\n")' </dev/null)
# A start-up file may print before it; and a script may have left nothing in PATH but its own.
sitespan_version=\${sitespan_version##*'
'}
case $sitespan_version in
  good) ;;
  '') sitespan_fail "$sitespan_python does not run $sitespan_where; what it said is above." ;;
  [0-9]*.[0-9]*) sitespan_fail "$sitespan_python is Python $sitespan_version $sitespan_where, which is too old; give Python 3.10 or newer." ;;
  *) sitespan_fail "$sitespan_python is not Python $sitespan_where: asked for its version it says \${sitespan_version}." ;;
esac
`;
