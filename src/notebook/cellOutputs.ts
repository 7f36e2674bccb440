import { z } from 'zod';
import { type Output, output } from './outputs.js';
import { overwritten } from './overwritten.js';

/** Characters kept of one stream output; of more, the head and the tail. */
const streamLimit = 2_000_000;

const clearOutput = z.object({ wait: z.boolean().default(false) });
const transient = z.object({ transient: z.object({ display_id: z.string().optional() }).optional() });
const update = z.object({ data: z.record(z.string(), z.unknown()), metadata: z.record(z.string(), z.unknown()) });

/**
 * A cell's outputs, from the kernel's messages in their order: streams joined, `clear_output` and
 * `update_display_data` carried out (Jupyter's messaging protocol, "Messages on the IOPub channel").
 */
export class CellOutputs {
  private entries: { output: Output; readonly displayId: string | undefined }[] = [];
  private clearNext = false;

  get all(): readonly Output[] {
    return this.entries.map((entry) => entry.output);
  }

  /** Takes in one of this cell's messages; one that is not about output changes nothing. */
  hear(type: string, content: Readonly<Record<string, unknown>>): void {
    if (type === 'clear_output') {
      this.clearNext = clearOutput.safeParse(content).data?.wait ?? false;
      if (!this.clearNext) this.entries = [];
      return;
    }
    const heard = output.safeParse({ ...content, output_type: type }).data;
    if (heard === undefined) return;
    if (this.clearNext) this.entries = [];
    this.clearNext = false;
    const last = this.entries.at(-1);
    if (heard.output_type === 'stream' && last?.output.output_type === 'stream' && last.output.name === heard.name) {
      last.output = { ...heard, text: bounded(overwritten(last.output.text + heard.text)) };
      return;
    }
    const first = heard.output_type === 'stream' ? { ...heard, text: bounded(overwritten(heard.text)) } : heard;
    this.entries.push({ output: first, displayId: displayIdOf(content) });
  }

  /** Takes in `update_display_data`, of whichever cell it came. */
  update(content: unknown): void {
    const displayId = displayIdOf(content);
    const change = update.safeParse(content).data;
    if (displayId === undefined || change === undefined) return;
    for (const entry of this.entries) {
      if (entry.displayId === displayId) entry.output = { ...entry.output, ...change };
    }
  }
}

function displayIdOf(content: unknown): string | undefined {
  return transient.safeParse(content).data?.transient?.display_id;
}

function bounded(text: string): string {
  if (text.length <= streamLimit) return text;
  return `${text.slice(0, streamLimit / 4)}\n… output left out …\n${text.slice(-streamLimit / 2)}`;
}
