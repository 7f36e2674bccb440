import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateIds, stateOf, stateOfCode } from '../../../src/editor/states.js';
import { commands } from '../../../src/ids.js';

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

A cluster that two windows show has no state of its own: both get the same snapshots from its keeper. What is not promised: that a state is noticed while nobody looks; a window asks nothing of what it does not show.
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

  it('say it in a sentence, and name commands that there are', () => {
    const ours: readonly string[] = Object.values(commands);
    for (const id of stateIds()) {
      const { sentence, action } = stateOf(id);
      assert.match(sentence, /^[A-Z].*\.$/, id);
      if (action?.command.startsWith('sitespan.')) assert.ok(ours.includes(action.command), action.command);
    }
  });
});
