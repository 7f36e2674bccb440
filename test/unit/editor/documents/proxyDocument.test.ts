import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Emitter } from '../../../../src/base/events.js';
import { until } from '../../../../src/base/waiting.js';
import { proxyUri, registerProxyDocument } from '../../../../src/editor/documents/proxyDocument.js';
import { see, workspace } from '../../../rigs/window/vscode.mjs';
import { scratchFolder } from '../../base/scratchFolder.js';

describe('The document of proxies', () => {
  const before = process.env['X509_USER_PROXY'];
  const folder = scratchFolder();
  const errors: unknown[] = [];
  let registered: { dispose(): void } | undefined;
  beforeEach(() => {
    process.env['X509_USER_PROXY'] = join(folder(), 'proxy');
  });
  afterEach(() => {
    registered?.dispose();
    see();
    if (before === undefined) delete process.env['X509_USER_PROXY'];
    else process.env['X509_USER_PROXY'] = before;
  });

  it('goes on when it is seen again, though it was hidden while it looked', async () => {
    const changed = new Emitter((error) => errors.push(error));
    let looks = 0;
    let atLook = (): void => undefined;
    const proxies = {
      get known() {
        looks++;
        atLook();
        return [];
      },
      now: Date.now(),
      onDidChange: changed.event,
    };
    registered = registerProxyDocument(proxies, (error) => errors.push(error));
    assert.match((await workspace.openTextDocument(proxyUri())).getText(), /There is no proxy/);
    atLook = () => see();
    see(proxyUri());
    const deadline = { timeoutMs: 5000, what: 'Another look' };
    await until(() => {
      changed.fire();
      return looks === 2;
    }, deadline);
    atLook = () => undefined;
    see(proxyUri());
    await until(() => looks === 3, deadline);
    // It follows again.
    await until(() => {
      changed.fire();
      return looks > 3;
    }, deadline);
    assert.deepEqual(errors, []);
  });
});
