import { config } from 'zod';
import { pageState, panelSnapshot } from '../../src/editor/protocol.js';
import { Host } from '../host.js';
import { ThroughputPage } from './page.js';

// It would make functions from text, which a webview forbids.
config({ jitless: true });

const host = new Host();
const kept = pageState.safeParse(host.kept).data ?? { what: null, by: 'site', worker: null };
const page = new ThroughputPage(host, kept, document.getElementById('page') ?? document.body);

window.addEventListener('error', ({ message }) => host.send({ type: 'failure', text: message.slice(0, 5000) }));
host.onMessage((message) => {
  performance.mark('update-begins');
  const snapshot = panelSnapshot.safeParse(message);
  if (snapshot.success) page.show(snapshot.data);
  else host.send({ type: 'failure', text: `A snapshot that is none: ${snapshot.error.message}`.slice(0, 5000) });
  // After what was put off to the end of this turn, which drawing is.
  queueMicrotask(() => performance.measure('update', 'update-begins'));
});
host.send({ type: 'ready', kept });
