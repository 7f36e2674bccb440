import { z } from 'zod';

/**
 * How to get the Python of a pool or kernel (docs/environments.md).
 *
 * `python`: an interpreter, by path or by a name in PATH. `script`: a set-up script in the manner of CVMFS views, sourced by
 * bash, with the interpreter that it puts into PATH. `conda`: a prefix, entered as `conda activate` would. `container`: an
 * image, entered with apptainer.
 */
export const environmentSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('python'), python: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('script'),
    script: z.string().min(1),
    python: z.string().min(1).default('python3'),
  }),
  z.strictObject({ kind: z.literal('conda'), prefix: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('container'),
    image: z.string().min(1),
    python: z.string().min(1).default('python3'),
    /** Folders of the node to be seen inside, beside the job's own and CVMFS. */
    binds: z.array(z.string().regex(/^\/[^:,]*$/, 'is an absolute path without ":" and ","')).optional(),
  }),
]);
export type EnvironmentSpec = z.infer<typeof environmentSpec>;
