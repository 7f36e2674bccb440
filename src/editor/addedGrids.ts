import type { Disposable } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import { Emitter, type Event } from '../base/events.js';
import type { Grids } from '../owner/grids.js';

/**
 * The grids that a person has added, as a window knows them. From the first look on, another window's or a terminal's changes
 * of the list are seen by themselves. What reads the list is loaded when there is one.
 */
export class AddedGrids implements Disposable {
  readonly onDidChange: Event;
  private readonly changed: Emitter;
  private watching: Disposable | undefined;
  private looking: Promise<void> | undefined;
  private found: Grids | undefined;
  private hindrance: SitespanError | undefined;
  private disposed = false;

  constructor(private readonly onError: (error: unknown) => void) {
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
    const { join } = await import('node:path');
    const { configPath } = await import('../base/runtimePaths.js');
    const path = join(configPath(), 'grids.json');
    const { watchPath } = await import('../base/watchPath.js');
    if (this.disposed) return;
    // First, so that nothing comes unseen in between.
    this.watching ??= watchPath(path, () => this.heard(), this.onError);
    const before = this.found;
    const told = this.hindrance?.message;
    try {
      this.found = await listAt(path);
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

async function listAt(path: string): Promise<Grids> {
  const { access } = await import('node:fs/promises');
  const { unlessAbsent } = await import('../base/systemError.js');
  const isThere = await unlessAbsent(access(path).then(() => true));
  return isThere === true ? (await import('../owner/grids.js')).readGrids() : {};
}
