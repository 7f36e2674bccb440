import { isAbsolute } from 'node:path';
import { z } from 'zod';

/** A grid's name in settings and pools; `local` is this computer, always there. */
export const gridName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/,
    'A grid\'s name has up to 40 letters, digits, "-" or "_", and starts with a letter or digit.',
  );

/** Of a service over HTTPS. */
export const serviceAddress = z
  .string()
  .regex(
    /^https:\/\/[^\s/?#]+[^\s?#]*$/,
    'An address of a DIRAC service starts with https:// (dips:// cannot be used).',
  );
const file = z.string().refine(isAbsolute, 'It must be an absolute path.');
/** Goes into a job's description, which has no way to quote. */
const word = z.string().regex(/^[A-Za-z0-9_.-]+$/, 'It may have letters, digits, "_", "." and "-" only.');

/** What we ask of a DIRAC: all of its system `WorkloadManagement`. */
export const diracServices = ['JobManager', 'JobMonitoring', 'SandboxStore', 'WMSAdministrator'] as const;

/** How to reach a DIRAC 8 or 9 and as whom: docs/dirac.md. No secret: the proxy is named by its path. */
export const diracSpec = z.strictObject({
  kind: z.literal('dirac'),
  /** Where services are that `services` does not name: `https://dirac.example:8443`. */
  url: serviceAddress,
  /** Whole addresses by service, as the grid's configuration has them under `/Systems/WorkloadManagement/…/URLs`. */
  services: z.partialRecord(z.enum(diracServices), serviceAddress).default({}),
  /** The grid's name for its own set-up; DIRAC 8 lets jobs wait for ever under any other, DIRAC 9 has none: empty. */
  setup: z.union([word, z.literal('')]),
  vo: word,
  group: word,
  /** Where jobs may go, as the grid calls it: `LCG.UKI-SOUTHGRID-BRIS-HEP.uk`. */
  sites: z.array(word).min(1),
  /** Proxy certificate, its key and its chain in one file. */
  proxy: file,
  /** Certificates of the authorities, in the manner of `/etc/grid-security/certificates`. */
  caDirectory: file,
  /** How often jobs are asked for. */
  pollSeconds: z.number().min(0.2).max(600).default(10),
});
export type DiracSpec = z.infer<typeof diracSpec>;
export type DiracServices = DiracSpec['services'];

/** A grid of a cluster besides this computer. */
export const gridSpec = z.discriminatedUnion('kind', [diracSpec]);
export type GridSpec = z.infer<typeof gridSpec>;

/** Grids by the name that pools give, as in a cluster's settings or a file of one's own. */
export const gridSpecs = z
  .record(gridName, gridSpec)
  .refine((grids) => !('local' in grids), '"local" is the name of this computer as a grid.');
