import { z } from 'zod';

/** What `python -m sitespan.environment` prints: docs/architecture.md, "Job". A package that is absent is null. */
export const environmentDescription = z.object({
  python: z.string(),
  executable: z.string(),
  machine: z.string(),
  packages: z.record(z.string(), z.string().nullable()),
  root: z.string().nullable(),
  /** What a kernel needs beside; not compared with the workers', which need none of it. */
  notebook: z.record(z.string(), z.string().nullable()).optional(),
});

export type EnvironmentDescription = z.infer<typeof environmentDescription>;
