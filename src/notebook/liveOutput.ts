import { z } from 'zod';
import { harmless } from './harmless.js';
import { output } from './outputs.js';
import { textOf } from './outputText.js';
import type { QueuedNotebooks } from './queuedNotebooks.js';
import type { HostLine, MessageLine, RecordLine } from './recordLines.js';
import { StreamText, type Surface } from './streamText.js';

const esc = '\x1b';
const bold = `${esc}[1m`;
const normal = `${esc}[0m`;

const displayed = z.object({ transient: z.object({ display_id: z.string() }) });
const inputRequest = z.object({ prompt: z.string() });

/**
 * What running cells show, as text for a terminal or a file, while it comes: a heading for each cell, streams as they are
 * written, rich output by its text, errors with their traceback.
 *
 * It gives text and writes nothing itself. Output that a cell takes back (`clear_output`) stays: it was read already.
 */
export class LiveOutput {
  /** Both streams: a terminal does not tell them apart either. */
  private readonly stream: StreamText;
  private current: string | undefined;
  private lineIsOpen = false;
  private coloured = false;
  private prompt = '';
  /** The text last shown of each display that can be updated. */
  private readonly shown = new Map<string, string>();

  /** @param notebooks is to hear each line first */
  constructor(
    private readonly surface: Surface,
    private readonly notebooks: QueuedNotebooks,
  ) {
    this.stream = new StreamText(surface);
  }

  hear(line: RecordLine): string {
    return 'event' in line ? this.hearHost(line) : this.hearMessage(line);
  }

  /** The prompt of the cell that waits is put before a person now, on a line of its own. */
  promptIsShown(): string {
    this.prompt = '';
    return this.toLineStart();
  }

  /** A sentence of ours, on a line of its own. */
  note(sentence: string): string {
    return `${this.toLineStart()}${sentence}\n`;
  }

  private hearHost({ event, cell, message, notebook }: HostLine): string {
    switch (event) {
      case 'cell-started':
        return cell === null ? '' : this.heading(cell);
      case 'cell-ended':
        if (cell === this.current) this.current = undefined;
        return this.toLineStart();
      case 'input-answered': {
        const { prompt } = this;
        this.prompt = '';
        // What was typed is not recorded.
        return prompt === '' ? '' : this.note(prompt);
      }
      case 'notebook-queued': {
        const run = this.notebooks.run(notebook ?? '');
        return run === undefined ? '' : this.note(`${run.path} → ${run.save}`);
      }
      case 'note':
        return message === undefined ? '' : this.note(message);
      case 'kernel-ended':
        // A cell that ran says it as its error.
        return message === undefined || this.current !== undefined ? '' : this.note(message);
      default:
        return '';
    }
  }

  private hearMessage({ cell, type, content }: MessageLine): string {
    if (type === 'update_display_data') return this.updated(content);
    // What is of no cell is in no notebook either.
    if (cell === null) return '';
    if (type === 'input_request') {
      this.prompt = harmless(inputRequest.safeParse(content).data?.prompt ?? '', this.surface);
      return '';
    }
    const heard = output.safeParse({ ...content, output_type: type }).data;
    if (heard === undefined) return '';
    if (heard.output_type === 'stream') return this.streamed(heard.text);
    const text = harmless(textOf(heard), this.surface);
    const displayId = displayed.safeParse(content).data?.transient.display_id;
    if (displayId !== undefined) this.shown.set(displayId, text);
    return this.block(text);
  }

  private heading(cell: string): string {
    this.current = cell;
    const { name = cell, run, number } = this.notebooks.cell(cell) ?? {};
    const all = run === undefined ? undefined : this.notebooks.run(run)?.cells.length;
    const place = all === undefined || number === undefined ? '' : `[${number}/${all}] `;
    const text = harmless(`${place}${name}`, { colours: false });
    return this.note(this.surface.colours ? `${bold}${text}${normal}` : text);
  }

  private streamed(text: string): string {
    const written = this.stream.add(text);
    if (written !== '') this.lineIsOpen = !written.endsWith('\n');
    this.coloured ||= written.includes(esc);
    return written;
  }

  private updated(content: MessageLine['content']): string {
    const displayId = displayed.safeParse(content).data?.transient.display_id;
    const heard = output.safeParse({ ...content, output_type: 'display_data' }).data;
    if (displayId === undefined || heard === undefined) return '';
    const text = harmless(textOf(heard), this.surface);
    const before = this.shown.get(displayId);
    // A picture that changes has the same words.
    if (before === undefined || before === text) return '';
    this.shown.set(displayId, text);
    return this.block(text);
  }

  private block(text: string): string {
    const start = this.toLineStart();
    this.coloured = text.includes(esc);
    this.lineIsOpen = !text.endsWith('\n');
    return `${start}${text}${this.toLineStart()}`;
  }

  /** Ends an open line, and colours that a cell has left on. */
  private toLineStart(): string {
    const held = this.stream.flush();
    const isOpen = held === '' ? this.lineIsOpen : !held.endsWith('\n');
    const after = this.coloured ? normal : '';
    this.lineIsOpen = false;
    this.coloured = false;
    return `${held}${after}${isOpen ? '\n' : ''}`;
  }
}
