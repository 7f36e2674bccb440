import type { EnvironmentSpec } from '../environment/environmentSpec.js';

/**
 * What a probe's job runs: it says what a worker would find on the node, a line a fact (`sitespan-probe name=value`), and
 * ends. It carries nothing of the cluster's but the relay's address, which it tries to reach.
 */
export const probeScript = `#!/bin/sh
say() { printf 'sitespan-probe %s=%s\\n' "$1" "$2"; }
say host "$(uname -n)"
say system "$(uname -sm)"
say cores "$(getconf _NPROCESSORS_ONLN 2>/dev/null)"
say memory "$(awk '/^MemTotal/ { print int($2 / 1024) " MB" }' /proc/meminfo 2>/dev/null)"
[ -d /cvmfs ] && say cvmfs yes
runtime=$(command -v apptainer || command -v singularity) && say containers "$runtime"
if [ -n "\${SITESPAN_PROBE_FILE:-}" ]; then
  if [ -e "$SITESPAN_PROBE_FILE" ]; then say file there; else say file missing; fi
fi
if command -v "$SITESPAN_PROBE_PYTHON" >/dev/null 2>&1; then
  say python "$("$SITESPAN_PROBE_PYTHON" -c 'import platform; print(platform.python_version())' 2>&1 | tail -n 1)"
  say relay "$("$SITESPAN_PROBE_PYTHON" -c '
import os, socket
host, _, port = os.environ["SITESPAN_PROBE_RELAY"].rpartition(":")
try:
    socket.create_connection((host.strip("[]"), int(port)), 15).close()
    print("reached")
except Exception as error:
    print(getattr(error, "strerror", None) or error)
' 2>&1 | tail -n 1)"
else
  say python missing
fi
`;

/** What pools at a site need there. */
export interface ProbedEnvironment {
  readonly python: string;
  /** A set-up script or an image; empty for none. */
  readonly file: string;
}

export function probedEnvironment(spec: EnvironmentSpec): ProbedEnvironment {
  switch (spec.kind) {
    case 'python':
      return { python: spec.python, file: '' };
    case 'conda':
      return { python: `${spec.prefix}/bin/python`, file: '' };
    case 'script':
      return { python: 'python3', file: spec.script };
    case 'container':
      // An image may be an address, too, and that is no file.
      return { python: 'python3', file: spec.image.startsWith('/') ? spec.image : '' };
  }
}

/** The facts in what a probe has written. */
export function probeFacts(output: string): Record<string, string> {
  const lines = [...output.matchAll(/^sitespan-probe (\w+)=(.+)$/gm)];
  return Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value.trim()]));
}

/** What the facts mean for workers of ours. */
export function judge(
  site: string,
  facts: Readonly<Record<string, string>>,
  needs: ProbedEnvironment,
  relay: string,
): { readonly ok: boolean; readonly sentence: string } {
  const { host = 'a node', python = 'missing', cores, memory } = facts;
  const refuse = (sentence: string) => ({ ok: false, sentence });
  if (python === 'missing') {
    return refuse(`${site} has no ${needs.python} on ${host}; give pools there an environment that its nodes have.`);
  }
  if (!/^\d+\.\d+/.test(python)) return refuse(`${needs.python} does not run on ${host} of ${site}: ${python}.`);
  if (facts['file'] === 'missing') {
    return refuse(
      `${site} does not see ${needs.file} on ${host}; give pools there an environment that its nodes have.`,
    );
  }
  if (facts['relay'] !== 'reached') {
    return refuse(
      `${site}'s nodes cannot reach the relay ${relay} (${facts['relay'] ?? 'no answer'}); ask the site to allow outgoing TCP to it, or choose a relay that they can reach.`,
    );
  }
  const has = [`Python ${python}`, cores === undefined ? [] : `${cores} cores`, memory ?? []].flat().join(', ');
  return { ok: true, sentence: `${site} can run workers: ${host} has ${has}, and reaches the relay.` };
}
