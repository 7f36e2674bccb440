// What a developer is told when a script cannot go on: one sentence with what to do, never a stack.
import { statfsSync } from 'node:fs';
import { root } from './paths.mjs';

/** A failure that a person can mend; anything else that is thrown is a mistake in these scripts and shows its stack. */
export class Failure extends Error {}

const noNetwork =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|CERT_\w+|SELF_SIGNED_CERT\w*|UNABLE_TO_\w+)\b|connection broken by '(\w+)|(NewConnectionError|ProxyError|ConnectTimeoutError|ReadTimeoutError|SSLError|CERTIFICATE_VERIFY_FAILED)|(Temporary failure (?:in name resolution|resolving))/;

/**
 * The sentence for a tool that failed, by what it printed.
 *
 * @param {{what: string, server: string, hint: string, output: string, code: number | null}} seen
 *   `what` was being done; `server` is what it needs over the network, and `hint` where that is set.
 */
export function failureOf({ what, server, hint, output, code }) {
  if (/ENOSPC|No space left on device|errno 28/i.test(output) || isDiskFull()) {
    return new Failure(`${what} failed because the disk is full; free some space and run the same command again.`);
  }
  const network = noNetwork.exec(output);
  if (network !== null) {
    const said = network.slice(1).find((word) => word !== undefined);
    return new Failure(
      `${what} failed because ${server} cannot be reached (${said}); check the network and ${hint}, then run the same command again.`,
    );
  }
  const unbuilt = /No matching distribution found for (\S+)/.exec(output);
  if (unbuilt !== null) {
    return new Failure(
      `${what} failed because there is no ready-made ${unbuilt[1]} for this Python and machine; use Python 3.11 on Linux or macOS, x86_64 or arm64.`,
    );
  }
  const lines = output.trim().split('\n');
  const excerpt = lines.length <= 24 ? lines : [...lines.slice(0, 12), '…', ...lines.slice(-12)];
  return new Failure(`${excerpt.join('\n')}\n${what} failed (exit code ${code}); what it said is above.`);
}

/** Some tools fail on a full disk without saying so. */
function isDiskFull() {
  const { bavail, bsize } = statfsSync(root);
  return bavail * bsize < 2 ** 20;
}

/** Runs a script's main function: its number is the exit code, a Failure is one sentence and exit code 1. */
export async function runMain(main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof Failure) && error.code !== 'ENOSPC') throw error;
    console.error(
      error instanceof Failure ? error.message : 'The disk is full; free some space and run the same command again.',
    );
    process.exitCode = 1;
  }
}
