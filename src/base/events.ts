import { type Disposable, disposable } from './disposable.js';

/** Subscribes; the same shape as VS Code's, so a model's event can be given to it as it is. */
export type Event = (listener: () => void) => Disposable;

/**
 * An event without data: it says that something changed, and the listener reads the model.
 *
 * A listener can so never act on a value that is already old, and ten events that come at once are one.
 * Own it privately; publish `event` as `onDid<Verb><Noun>`.
 */
export class Emitter implements Disposable {
  private readonly listeners = new Set<{ readonly call: () => void }>();

  /** @param onListenerError where a listener's exception goes (the log); the other listeners are still called. */
  constructor(private readonly onListenerError: (error: unknown) => void) {}

  readonly event: Event = (listener) => {
    // A fresh object a subscription: the same function subscribed twice is two subscriptions.
    const entry = { call: listener };
    this.listeners.add(entry);
    return disposable(() => this.listeners.delete(entry));
  };

  fire(): void {
    for (const listener of [...this.listeners]) {
      try {
        listener.call();
      } catch (error) {
        this.onListenerError(error);
      }
    }
  }

  dispose(): void {
    this.listeners.clear();
  }
}
