import { z } from 'zod';

const common = { t: z.number(), cell: z.string().nullable() };

/** Which cell of its document one is, in the words of whoever asked for it. */
export const cellPlace = z.object({
  /** The id that nbformat 4.5 gives it; a new cell has none yet. */
  id: z.string().optional(),
  /** Its place among all cells, from 0. */
  index: z.int(),
  /** Of its text: finds it where it has no id and was moved. */
  hash: z.string().optional(),
});
export type CellPlace = z.infer<typeof cellPlace>;

/** What the host itself did or noticed. */
const hostLine = z.object({
  ...common,
  type: z.literal('host'),
  event: z.string(),
  status: z.string().optional(),
  message: z.string().optional(),
  because: z.string().optional(),
  notebook: z.string().optional(),
  path: z.string().optional(),
  save: z.string().optional(),
  document: z.string().optional(),
  before: z.string().optional(),
  place: cellPlace.optional().catch(undefined),
  cells: z.array(z.string()).optional(),
});
export type HostLine = z.infer<typeof hostLine>;

/** One of Jupyter's messages. */
const messageLine = z.object({ ...common, type: z.string(), content: z.record(z.string(), z.unknown()) });
export type MessageLine = z.infer<typeof messageLine>;

const recordLine = z.union([hostLine, messageLine]);
/** One line of a kernel's `record.jsonl`: docs/architecture.md, "Kernels' host". */
export type RecordLine = z.infer<typeof recordLine>;

/**
 * The lines of a kernel's record, from its bytes in pieces of any size: a line cut in two waits for its rest.
 * Where the same bytes are read again after a loss, ask for them from `offset`.
 */
export class RecordLines {
  private rest: Buffer = Buffer.alloc(0);
  private read: number;

  /** @param offset where the bytes begin that will be fed */
  constructor(offset = 0) {
    this.read = offset;
  }

  /** Bytes taken in, whole lines only: where to read on. */
  get offset(): number {
    return this.read;
  }

  /** @returns the lines that are whole now, each with the byte where it ends; one that we do not understand is left out */
  feed(bytes: Uint8Array): { readonly line: RecordLine; readonly end: number }[] {
    const data = Buffer.concat([this.rest, bytes]);
    const lines: { line: RecordLine; end: number }[] = [];
    let begin = 0;
    for (let end = data.indexOf('\n') + 1; end > 0; end = data.indexOf('\n', begin) + 1) {
      // A later host may write what we do not know; the rest is still worth reading.
      const line = recordLine.safeParse(parsed(data.toString('utf8', begin, end))).data;
      if (line !== undefined) lines.push({ line, end: this.read + end });
      begin = end;
    }
    this.rest = data.subarray(begin);
    this.read += begin;
    return lines;
  }

  /** Forgets a line that was fed in part: the next bytes are those from `offset` on. */
  resume(): void {
    this.rest = Buffer.alloc(0);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
