import type { Check } from '../check.js';

/** `engines` of package.json; a test holds the two together. */
export const oldestNode: readonly [number, number, number] = [20, 18, 1];

export const nodeVersion: Check = {
  id: 'node-version',
  title: 'Node is new enough',
  async find({ nodeVersion: version }) {
    const have = version.replace(/^v/, '').split('.').map(Number);
    const at = oldestNode.findIndex((number, index) => number !== have[index]);
    if (at === -1 || (have[at] ?? 0) > (oldestNode[at] ?? 0)) return [];
    return [
      {
        severity: 'wrong',
        what: `This is Node ${version}, and ${oldestNode.join('.')} or newer is needed.`,
        where: process.execPath,
        fix: 'Install a current Node (https://nodejs.org), or "pip install sitespan[node]" for one of its own.',
      },
    ];
  },
};
