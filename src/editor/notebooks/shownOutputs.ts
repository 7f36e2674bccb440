import { multiline, type Output } from '../../notebook/outputs.js';

/** One form of an output, as VS Code takes it. */
export interface ShownItem {
  readonly mime: string;
  readonly data: Uint8Array;
}

/** An output as VS Code shows it, and as its own `.ipynb` serializer reads and writes it: the best form first. */
export interface ShownOutput {
  readonly items: readonly ShownItem[];
  /** Without `outputType` the serializer would write every output as `display_data`. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What VS Code calls the forms that it draws itself; `NotebookCellOutputItem` makes the same. */
export const streamMimes = {
  stdout: 'application/vnd.code.notebook.stdout',
  stderr: 'application/vnd.code.notebook.stderr',
} as const;
export const errorMime = 'application/vnd.code.notebook.error';
const widgetMime = 'application/vnd.jupyter.widget-view+json';

/** Best first; a form that is not named stands before all that are, for somebody made a renderer for it. */
const preference: readonly string[] = [
  'text/html',
  'application/javascript',
  'image/gif',
  'text/latex',
  'text/markdown',
  'image/png',
  'image/svg+xml',
  'image/jpeg',
  'application/json',
  'text/plain',
  // Nothing here answers a widget's own messages, so that its text is what can be read.
  widgetMime,
];

const encoder = new TextEncoder();

/** nbformat's output as VS Code's. */
export function shownOutput(output: Output): ShownOutput {
  switch (output.output_type) {
    case 'stream':
      return {
        items: [streamItem(output.name, output.text)],
        metadata: { outputType: 'stream' },
      };
    case 'error': {
      const { ename, evalue, traceback } = output;
      const error = { name: ename, message: evalue, stack: traceback.join('\n') };
      return {
        items: [{ mime: errorMime, data: encoder.encode(JSON.stringify(error)) }],
        metadata: { outputType: 'error', originalError: output },
      };
    }
    case 'display_data':
    case 'execute_result': {
      const count = output.output_type === 'execute_result' ? output.execution_count : undefined;
      return {
        items: Object.keys(output.data)
          .sort((a, b) => preference.indexOf(a) - preference.indexOf(b))
          .map((mime) => ({ mime, data: dataOf(mime, output.data[mime]) })),
        metadata: {
          outputType: output.output_type,
          metadata: output.metadata,
          ...(count === undefined || count === null ? {} : { executionCount: count }),
        },
      };
    }
  }
}

export function streamItem(name: string, text: string): ShownItem {
  return { mime: name === 'stderr' ? streamMimes.stderr : streamMimes.stdout, data: encoder.encode(text) };
}

/** Whether a document holds these outputs already, however its pieces are cut. */
export function sameOutputs(shown: readonly ShownOutput[], outputs: readonly Output[]): boolean {
  if (shown.length !== outputs.length) return false;
  return outputs.every((output, at) => {
    const there = shown[at];
    return there !== undefined && fingerprint(there) === fingerprint(shownOutput(output));
  });
}

/** The forms by name, pieces of one form joined: a stream that grew in steps is one piece after a reload. */
function fingerprint({ items, metadata }: ShownOutput): string {
  const forms = new Map<string, Uint8Array[]>();
  for (const { mime, data } of items) forms.set(mime, [...(forms.get(mime) ?? []), data]);
  const joined = [...forms].map(([mime, pieces]) => [mime, Buffer.concat(pieces).toString('base64')]);
  return JSON.stringify([metadata['outputType'], joined.sort(([a = ''], [b = '']) => a.localeCompare(b))]);
}

function dataOf(mime: string, value: unknown): Uint8Array {
  const text = multiline.safeParse(value).data;
  if (text === undefined) return encoder.encode(JSON.stringify(value));
  // A JSON form whose value is a string or a list would lose its quotes.
  if (isJson(mime)) return encoder.encode(JSON.stringify(value));
  if (mime.startsWith('image/') && mime !== 'image/svg+xml') return new Uint8Array(Buffer.from(text, 'base64'));
  return encoder.encode(text);
}

function isJson(mime: string): boolean {
  return mime === 'application/json' || mime.endsWith('+json');
}
