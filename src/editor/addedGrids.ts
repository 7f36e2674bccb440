import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disposable } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import { Emitter, type Event } from '../base/events.js';
import { unlessAbsent } from '../base/systemError.js';
import { watchPath } from '../base/watchPath.js';
import type { Grids } from '../owner/grids.js';

/** Where the list lies, and what reads it. */
export interface ListSource {
  path(): Promise<string>;
  read(): Promise<Grids>;
}

/** The list of this computer. What reads it is loaded when there is one. */
export const listHere: ListSource = {
  path: async () => join((await import('../base/runtimePaths.js')).configPath(), 'grids.json'),
  read: async () => (await import('../owner/grids.js')).readGrids(),
};

/**
 * The grids that a person has added, as a window knows them. From the first look on, another window's or a terminal's changes
 * of the list are seen by themselves.
 */
export class AddedGrids implements Disposable {
  readonly onDidChange: Event;
  private readonly changed: Emitter;
  private watching: Disposable | undefined;
  private looking: Promise<void> | undefined;
  private found: Grids | undefined;
  private hindrance: SitespanError | undefined;
  private disposed = false;

  constructor(
    private readonly source: ListSource,
    private readonly onError: (error: unknown) => void,
  ) {
    this.changed = new Emitter(onError);
    this.onDidChange = this.changed.event;
  }

  /** By name; none before they were looked for, and as they were last known where the list cannot be read. */
  get grids(): Grids {
    return this.found ?? {};
  }

  get hasLooked(): boolean {
    return this.found !== undefined || this.hindrance !== undefined;
  }

  /** Why the list cannot be read. */
  get trouble(): SitespanError | undefined {
    return this.hindrance;
  }

  /** Looks now. It does not throw: what hinders is `trouble`. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  dispose(): void {
    this.disposed = true;
    this.watching?.dispose();
    this.changed.dispose();
  }

  private async lookOnce(): Promise<void> {
    const path = await this.source.path();
    if (this.disposed) return;
    // First, so that nothing comes unseen in between.
    this.watching ??= watchPath(path, () => this.heard(), this.onError);
    const before = this.found;
    const told = this.hindrance?.message;
    try {
      this.found = (await isThere(path)) ? await this.source.read() : {};
      this.hindrance = undefined;
    } catch (error) {
      this.hindrance = SitespanError.is(error)
        ? error
        : new SitespanError('failed', `The list of grids ${path} on this computer cannot be read: ${String(error)}.`);
    }
    const isSame = JSON.stringify(before) === JSON.stringify(this.found) && told === this.hindrance?.message;
    if (!isSame && !this.disposed) this.changed.fire();
  }

  /** A change that comes while the list is read may not be in what was read. */
  private heard(): void {
    const again = this.looking;
    const looked = again === undefined ? this.look() : again.then(() => this.look());
    looked.catch(this.onError);
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await unlessAbsent(access(path).then(() => true))) === true;
}
