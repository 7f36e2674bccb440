/** Something that holds a timer, listener, process or file until it is told to let go. Disposing twice is harmless. */
export interface Disposable {
  dispose(): void;
}

/** A disposable that runs `release` once. */
export function disposable(release: () => void): Disposable {
  let done = false;
  return {
    dispose: () => {
      if (done) return;
      done = true;
      release();
    },
  };
}

/** Things that end together, in reverse order. What is added after the end is disposed at once, so nothing leaks. */
export class DisposableStore implements Disposable {
  private readonly held = new Set<Disposable>();
  private disposed = false;

  add<T extends Disposable>(item: T): T {
    if (this.disposed) item.dispose();
    else this.held.add(item);
    return item;
  }

  /** Ends one of them early. */
  release(item: Disposable): void {
    if (this.held.delete(item)) item.dispose();
  }

  /** @throws AggregateError when some could not be disposed; the others were. */
  dispose(): void {
    this.disposed = true;
    const failures: unknown[] = [];
    for (const item of [...this.held].reverse()) {
      try {
        item.dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    this.held.clear();
    if (failures.length > 0) throw new AggregateError(failures, 'Some of what was held could not be let go.');
  }
}
