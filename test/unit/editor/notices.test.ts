import assert from 'node:assert/strict';
import { until } from '../../../src/base/waiting.js';
import { Notices } from '../../../src/editor/notices.js';
import type { ClusterSnapshot, KernelSnapshot } from '../../../src/keeper/api.js';
import { type FakeLink, fakeFleet } from './fakeFleet.js';

const pools = (working: number, desired: number) => [{ name: 'main', sites: ['north'], desired, lives: { working } }];
function kernel(cells: Partial<KernelSnapshot['cells']>, phase: KernelSnapshot['phase'] = 'busy'): KernelSnapshot {
  const none = { queued: 0, running: 0, done: 0, failed: 0, skipped: 0 };
  return { id: 'k1', folder: '/k1', phase, cells: { ...none, ...cells }, notebook: '/me/ttbar.ipynb' };
}

describe('Notices', () => {
  const made = fakeFleet();
  let said: string[];
  let focused: boolean;
  async function watched(first: Partial<ClusterSnapshot>): Promise<FakeLink> {
    const { fleet, source } = made();
    said = [];
    focused = false;
    new Notices(fleet, { show: (sentence) => said.push(sentence), isFocused: () => focused });
    const link = source.add('ttbar');
    link.become({ name: 'ttbar', ...first });
    await fleet.look();
    await until(() => fleet.cluster('ttbar')?.link === 'connected', { timeoutMs: 5000, everyMs: 5, what: 'It' });
    return link;
  }

  it('say once that the workers that were asked for are ready', async () => {
    const link = await watched({ pools: pools(0, 0) });
    link.become({ pools: pools(0, 4) });
    link.become({ pools: pools(3, 4) });
    assert.deepEqual(said, []);
    link.become({ pools: pools(4, 4) });
    link.become({ pools: pools(3, 4) });
    link.become({ pools: pools(4, 4) });
    assert.deepEqual(said, ['All 4 workers of ttbar are ready.']);
    link.become({ pools: pools(4, 5) });
    link.become({ pools: pools(5, 5) });
    assert.equal(said.length, 2);
  });

  it('say nothing of what was so when the window came, of fewer, or of what the scheduler sizes', async () => {
    const link = await watched({ pools: pools(4, 4) });
    link.become({ pools: pools(4, 2) });
    link.become({ pools: pools(2, 2) });
    const adaptive = { minimum: 0, maximum: 9 };
    for (const working of [2, 9]) {
      link.become({ pools: pools(working, 9).map((pool) => ({ ...pool, adaptive })) });
    }
    assert.deepEqual(said, []);
  });

  it('say that all cells have run, while the window is not in front', async () => {
    const link = await watched({ kernels: [kernel({ done: 1 }, 'idle')] });
    link.become({ kernels: [kernel({ running: 1, queued: 2, done: 1 })] });
    link.become({ kernels: [kernel({ running: 1, done: 3 })] });
    assert.deepEqual(said, []);
    link.become({ kernels: [kernel({ done: 3, failed: 1 }, 'idle')] });
    assert.deepEqual(said, ['ttbar.ipynb on ttbar has finished after 3 cells.']);
    focused = true;
    link.become({ kernels: [kernel({ running: 1, done: 3 })] });
    link.become({ kernels: [kernel({ done: 4 }, 'idle')] });
    assert.equal(said.length, 1);
  });

  it('say that a kernel has ended under its cells', async () => {
    const link = await watched({ kernels: [kernel({ running: 1 })] });
    link.become({ kernels: [kernel({ running: 1 }, 'dead')] });
    assert.deepEqual(said, ['ttbar.ipynb on ttbar has stopped: its kernel has ended.']);
  });
});
