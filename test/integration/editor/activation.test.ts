import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Activation, activateOnce } from '../../../bench/editor/activation.js';
import { commands, views } from '../../../src/ids.js';
import { root } from '../../rigs/cluster/clusterRig.js';

const extension = join(root, 'dist', 'extension', 'extension.js');
const sourceMap = z.object({ sources: z.array(z.string()) });

/** Parts that only work needs: what speaks, encrypts, checks, and what knows of clusters. */
const forWork = [
  ...['node_modules/undici/', 'node_modules/ws/', 'node_modules/node-forge/', 'node_modules/zod/'],
  ...['src/keeper/', 'src/grid/', 'src/relay/', 'src/credentials/', 'src/environment/', 'src/notebook/'],
];

/** Where the code of the loaded pieces of the bundle comes from, as paths in the checkout. */
async function sourcesOf({ loaded }: Activation): Promise<string[]> {
  const pieces = loaded.filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url));
  const maps = await Promise.all(
    pieces.map(async (path) => sourceMap.parse(JSON.parse(await readFile(`${path}.map`, 'utf8')))),
  );
  return maps.flatMap(({ sources }, index) =>
    sources.map((source) => join(dirname(pieces[index] ?? ''), source).slice(root.length + 1)),
  );
}

describe('Activation', function () {
  this.timeout(60_000);
  let activation: Activation;
  before(async () => {
    activation = await activateOnce(extension);
  });

  it('registers the commands, both trees and the status bar', () => {
    const count = (call: string): number => activation.called.filter((name) => name === call).length;
    assert.ok(count('commands.registerCommand') >= Object.keys(commands).length / 2);
    assert.equal(count('window.createTreeView'), Object.keys(views).length);
    assert.equal(count('window.createStatusBarItem'), 1);
  });

  it('starts no program, opens no socket and sets no timer', () => {
    const { started, connected, timers } = activation;
    assert.deepEqual({ started, connected, timers }, { started: [], connected: [], timers: 0 });
  });

  it('loads nothing that only work needs', async () => {
    const sources = await sourcesOf(activation);
    assert.ok(sources.includes('src/extension.ts'), 'the pieces are known by their maps');
    assert.deepEqual(
      sources.filter((source) => forWork.some((part) => source.startsWith(part))),
      [],
    );
    const builtins = ['node:http', 'node:https', 'node:http2', 'node:tls', 'node:worker_threads'];
    assert.deepEqual(
      activation.loaded.filter((url) => builtins.includes(url)),
      [],
    );
  });
});
