import { z } from 'zod';
import { throughputBy, throughputView, workerRow } from '../keeper/throughputApi.js';

/**
 * What a panel and its page say to each other; each checks what it hears.
 *
 * A panel sends whole snapshots and nothing else: a page that was hidden, or loaded anew, needs only the next one.
 */

/** What is looked at: a cluster by its name, or a run that was kept by its id. */
export const shownThing = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cluster'), name: z.string() }),
  z.object({ kind: z.literal('run'), id: z.string() }),
]);
export type ShownThing = z.infer<typeof shownThing>;

export const panelSnapshot = z.object({
  /**
   * `empty`: there is nothing to look at; `connecting`: its keeper has not answered yet; `live`; `finished`: a run that was
   * kept; `gone`: it cannot be looked at any more, or not now, and what was seen last stays.
   */
  condition: z.enum(['empty', 'connecting', 'live', 'finished', 'gone']),
  what: shownThing.nullable(),
  by: throughputBy,
  clusters: z.array(z.string()),
  runs: z.array(z.object({ id: z.string(), label: z.string() })),
  /** What a person should know of its condition, and the label of what they can do about it. */
  sentence: z.string().nullable(),
  action: z.string().nullable(),
  view: throughputView.nullable(),
  rows: z.array(workerRow),
  /** When it was true (Unix seconds). */
  at: z.number(),
});
export type PanelSnapshot = z.infer<typeof panelSnapshot>;
export type PageView = NonNullable<PanelSnapshot['view']>;
export type PageRow = PanelSnapshot['rows'][number];

/** What a person wishes to see; `worker` is the row that is selected, whose curve is then shown by itself. */
export const pageWish = z.object({
  what: shownThing.nullable(),
  by: throughputBy,
  worker: z.string().nullable(),
});
export type PageWish = z.infer<typeof pageWish>;

/** What a page keeps over a reload, and VS Code hands to the panel that comes back. */
export const pageState = pageWish;

const longestPicture = 20_000_000;

export const pageMessage = z.discriminatedUnion('type', [
  /** The page has loaded, also after it was hidden; what it showed before is news only to a panel that knows nothing. */
  z.object({ type: z.literal('ready'), kept: pageWish }),
  z.object({ type: z.literal('wish'), wish: pageWish }),
  /** The person chose the action of the newest snapshot. */
  z.object({ type: z.literal('act') }),
  z.object({ type: z.literal('openDashboard') }),
  z.object({ type: z.literal('saveNumbers') }),
  /** A PNG, base64. */
  z.object({ type: z.literal('savePicture'), png: z.string().max(longestPicture) }),
  /** Something in the page failed; for the log. */
  z.object({ type: z.literal('failure'), text: z.string().max(5000) }),
]);
export type PageMessage = z.infer<typeof pageMessage>;
