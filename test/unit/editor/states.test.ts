import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { stateIds, stateOf, stateOfCode } from '../../../src/editor/states.js';
import { commands } from '../../../src/ids.js';

const welcomed = z.object({ contributes: z.object({ viewsWelcome: z.array(z.object({ contents: z.string() })) }) });
const page = join(import.meta.dirname, '..', '..', '..', 'docs', 'states.md');

function pageOfStates(): string {
  const row = (id: (typeof ids)[number]): string => {
    const { when, sentence, action, faces } = stateOf(id);
    return `| \`${id}\` | ${when} | ${sentence} | ${action?.label ?? ''} | ${faces.join(', ')} |`;
  };
  const ids = stateIds();
  return `# States: what a window says when something is not plain work, and what to do

Made from \`src/editor/states.ts\` by \`SITESPAN_WRITE_DOCS=1 npx mocha test/unit/editor/states.test.ts\`; rows, status bar and messages use the same table. Where an error or a keeper says it more exactly, that sentence is shown in place of the one here, with the same action.

| state | when | sentence | action | where |
| --- | --- | --- | --- | --- |
${ids.map(row).join('\n')}

*tree*: rows and welcome of the side bar. *notebook*: the line under each cell of a notebook on the cluster, in the words above, with what is known exactly where the mouse is; and its kernel's row in the picker. *panel*: the throughput page, beside the numbers.

## What shows that it is so
\`test/unit/editor\` makes a cluster of each of these states and asks what each face says. In a real VS Code, from outside, sentence and action are asked of each face that the table names:

| in \`test/vscode\` | what is brought about |
| --- | --- |
| \`clusterStates.test.ts\` | workers that nobody used, and that do not survive their start; a grid that does not answer; a relay that is away, that has forgotten us, and a stranger at its address; clusters of an older version and on another node; a kernel, a keeper and a scheduler that are gone; a full disk |
| \`windowStates.test.ts\` | a workspace that is not trusted, and then is; a computer without clusters, and without a Python that is fit |
| \`states.test.ts\` | a cluster's folder that is damaged, of a newer version, or whose keeper does not start, beside one that works; two windows |
| \`proxy.test.ts\` | a proxy that is missing, soon to end, and expired |
| \`notebook.test.ts\`, \`throughputPanel.test.ts\` | a cluster that was closed |

Not brought about there yet: \`python-missing\` and \`environment-unfit\`, and a message about \`cluster-older\`, \`relay-unreachable\` and \`no-cluster\`. Not brought about there: \`unsupported\` (it takes Windows; \`test/unit/editor/commands/states.test.ts\` tells every command that it is on it), \`not-allowed\` and a used-up quota (the tests run as root, whom neither stops), \`virtual-workspace\` (another extension would have to bring the files), \`site-banned\`, \`site-unfit\` and \`grid-unmatched\` (they take a grid; \`test/unit/editor/troubles.test.ts\`).

## What is not promised
A cluster that two windows show has no state of its own: both get the same snapshots from its keeper. That a state is noticed while nobody looks: a window asks nothing of what it does not show.
`;
}

describe('States', () => {
  it('are those of docs/states.md', () => {
    const made = pageOfStates();
    if (process.env['SITESPAN_WRITE_DOCS'] === '1') writeFileSync(page, made);
    assert.equal(readFileSync(page, 'utf8'), made);
  });

  it('are told apart by their codes', () => {
    const codes = stateIds().flatMap((id) => stateOf(id).codes ?? []);
    assert.deepEqual(codes.length, new Set(codes).size);
    assert.equal(stateOfCode('disk-full'), 'disk-full');
    assert.equal(stateOfCode('no such code'), undefined);
  });

  it('are said by the welcome of the side bar in the same words', () => {
    const { contributes } = welcomed.parse(JSON.parse(readFileSync(join(page, '..', '..', 'package.json'), 'utf8')));
    const said = contributes.viewsWelcome.map(({ contents }) => contents).join('\n');
    for (const id of ['unsupported', 'untrusted', 'no-environment', 'no-cluster', 'virtual-workspace'] as const) {
      assert.ok(said.includes(stateOf(id).sentence), id);
    }
  });

  it('say it in a sentence, and name commands that there are', () => {
    const ours: readonly string[] = Object.values(commands);
    for (const id of stateIds()) {
      const { sentence, action } = stateOf(id);
      assert.match(sentence, /^[A-Z].*\.$/, id);
      if (action?.command.startsWith('sitespan.')) assert.ok(ours.includes(action.command), action.command);
    }
  });
});
