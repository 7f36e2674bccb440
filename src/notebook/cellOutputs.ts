import { z } from 'zod';
import { GrowingText } from './growingText.js';
import { type Output, output } from './outputs.js';

const clearOutput = z.object({ wait: z.boolean().default(false) });
const transient = z.object({ transient: z.object({ display_id: z.string().optional() }).optional() });
const update = z.object({ data: z.record(z.string(), z.unknown()), metadata: z.record(z.string(), z.unknown()) });

interface Entry {
  /** A fresh object whenever it has changed; a stream's is made when it is asked for. */
  output: Output | undefined;
  readonly displayId: string | undefined;
  readonly stream: { readonly name: string; readonly text: GrowingText } | undefined;
}

/**
 * A cell's outputs, from the kernel's messages in their order: streams joined, `clear_output` and
 * `update_display_data` carried out (Jupyter's messaging protocol, "Messages on the IOPub channel").
 */
export class CellOutputs {
  private entries: Entry[] = [];
  private clearNext = false;
  private shown: readonly Output[] | undefined = [];
  private changes = 0;

  /** The same array while nothing changes, and in it the same object for each output that has not changed. */
  get all(): readonly Output[] {
    this.shown ??= this.entries.map((entry) => {
      entry.output ??= outputOf(entry);
      return entry.output;
    });
    return this.shown;
  }

  /** How often they have changed. */
  get version(): number {
    return this.changes;
  }

  /** Takes in one of this cell's messages; one that is not about output changes nothing. */
  hear(type: string, content: Readonly<Record<string, unknown>>): void {
    if (type === 'clear_output') {
      this.clearNext = clearOutput.safeParse(content).data?.wait ?? false;
      if (!this.clearNext) this.clear();
      return;
    }
    const heard = output.safeParse({ ...content, output_type: type }).data;
    if (heard === undefined) return;
    if (this.clearNext) this.clear();
    this.clearNext = false;
    const last = this.entries.at(-1);
    if (heard.output_type !== 'stream') {
      this.entries.push({ output: heard, displayId: displayIdOf(content), stream: undefined });
    } else if (last?.stream?.name === heard.name) {
      last.stream.text.add(heard.text);
      last.output = undefined;
    } else {
      const stream = { name: heard.name, text: new GrowingText(heard.text) };
      this.entries.push({ output: undefined, displayId: undefined, stream });
    }
    this.changed();
  }

  /** Takes in `update_display_data`, of whichever cell it came. @returns whether it was about one of these */
  update(content: unknown): boolean {
    const displayId = displayIdOf(content);
    const change = update.safeParse(content).data;
    if (displayId === undefined || change === undefined) return false;
    const meant = this.entries.filter((entry) => entry.displayId === displayId);
    for (const entry of meant) if (entry.output !== undefined) entry.output = { ...entry.output, ...change };
    if (meant.length > 0) this.changed();
    return meant.length > 0;
  }

  private clear(): void {
    this.entries = [];
    this.changed();
  }

  private changed(): void {
    this.shown = undefined;
    this.changes++;
  }
}

function outputOf({ stream }: Entry): Output {
  return { output_type: 'stream', name: stream?.name ?? 'stdout', text: stream?.text.text ?? '' };
}

function displayIdOf(content: unknown): string | undefined {
  return transient.safeParse(content).data?.transient?.display_id;
}
