import type { PageView } from '../../src/editor/protocol.js';
import { bytes, bytesPerSecond, duration, hertz, whole } from './numbers.js';

type Totals = PageView['totals'];

const parts: readonly {
  readonly label: string;
  readonly title?: string;
  say(totals: Totals, live: boolean): string;
}[] = [
  {
    label: 'Now',
    say: ({ eventsPerSecond, bytesPerSecond: read }, live) =>
      live ? `${hertz(eventsPerSecond)} · ${bytesPerSecond(read)}` : '–',
  },
  { label: 'Events', say: ({ events }) => whole(events) },
  { label: 'Read', say: (totals) => bytes(totals.bytes) },
  {
    label: 'Done again',
    title: 'Work that was repeated because a worker with its results was lost',
    say: ({ again }) => whole(again.events),
  },
  {
    label: 'Files',
    say: ({ files, filesExpected, filesLeft }) =>
      filesExpected === null ? whole(files) : `${whole(filesExpected - (filesLeft ?? 0))} of ${whole(filesExpected)}`,
  },
  {
    label: 'Files left',
    title: 'Known where the analysis says how many it reads: sitespan.expect(files=…)',
    say: ({ filesLeft }) => (filesLeft === null ? 'unknown' : whole(filesLeft)),
  },
  {
    label: 'Time left',
    say: ({ etaSeconds }, live) =>
      !live ? '–' : etaSeconds === null ? 'unknown' : etaSeconds === 0 ? 'done' : `about ${duration(etaSeconds)}`,
  },
];

/** What has been done, what is left, and how long that takes. */
export class TotalsLine {
  readonly element = document.createElement('dl');
  private readonly values: readonly Text[];

  constructor() {
    this.element.className = 'totals';
    this.values = parts.map(({ label, title }) => {
      const pair = document.createElement('div');
      const term = document.createElement('dt');
      term.textContent = label;
      if (title !== undefined) pair.title = title;
      const value = document.createElement('dd');
      const text = document.createTextNode('–');
      value.append(text);
      pair.append(term, value);
      this.element.append(pair);
      return text;
    });
  }

  /** @param live whether it goes on */
  show(totals: Totals, live: boolean): void {
    for (const [index, text] of this.values.entries()) {
      const words = parts[index]?.say(totals, live) ?? '';
      if (text.data !== words) text.data = words;
    }
  }
}
