import { SitespanError } from '../base/errors.js';
import { runTransportBench } from './transport.js';

/** `sitespan bench WHAT`. @throws SitespanError `usage` */
export async function runBench(argv: readonly string[]): Promise<number> {
  const [what, ...rest] = argv;
  if (what === 'transport') return runTransportBench(rest);
  throw new SitespanError('usage', 'sitespan bench transport [OPTIONS]; --help says more');
}
