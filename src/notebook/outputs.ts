import { z } from 'zod';

/** Text as nbformat writes it: one string, or its lines. */
export const multiline = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(''))]);

const bundle = z.record(z.string(), z.unknown());
const streamOutput = z.object({ output_type: z.literal('stream'), name: z.string(), text: multiline });
const errorOutput = z.object({
  output_type: z.literal('error'),
  ename: z.string(),
  evalue: z.string(),
  traceback: z.array(z.string()),
});
const dataOutput = z.object({
  output_type: z.enum(['display_data', 'execute_result']),
  data: bundle,
  metadata: bundle.default({}),
});

/** One output of a code cell, as nbformat 4 has it: a stream, data in several forms, or an error. */
export const output = z.discriminatedUnion('output_type', [streamOutput, errorOutput, dataOutput]);
export type Output = z.infer<typeof output>;
