import type { PageMessage } from '../src/editor/protocol.js';

interface VsCodeApi {
  postMessage(message: PageMessage): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

/** The panel behind a page: the one place that knows VS Code's way of talking to it. */
export class Host {
  private readonly api = acquireVsCodeApi();

  send(message: PageMessage): void {
    this.api.postMessage(message);
  }

  /** What this page kept before it was hidden or its window reloaded; anything at all. */
  get kept(): unknown {
    return this.api.getState();
  }

  keep(state: unknown): void {
    this.api.setState(state);
  }

  onMessage(listener: (message: unknown) => void): void {
    window.addEventListener('message', (event: MessageEvent<unknown>) => listener(event.data));
  }
}
