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
const displayOutput = z.object({
  output_type: z.literal('display_data'),
  data: bundle,
  metadata: bundle.default({}),
});
const resultOutput = displayOutput.extend({
  output_type: z.literal('execute_result'),
  execution_count: z.int().nullish(),
});

/** One output of a code cell, as nbformat 4 has it: a stream, data in several forms, or an error. */
export const output = z.discriminatedUnion('output_type', [streamOutput, errorOutput, displayOutput, resultOutput]);
export type Output = z.infer<typeof output>;
