import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { insteadOfTerminal, sentenceInWindow } from '../../../src/editor/remedies.js';
import { adviceFor } from '../../../src/owner/lifeAdvice.js';
import { commands } from '../../../src/terminal/commands.js';

const manifest = z
  .object({ contributes: z.object({ commands: z.array(z.object({ title: z.string() })) }) })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', '..', 'package.json'), 'utf8')));

describe("A sentence that names the terminal's commands", () => {
  for (const [said, shown] of [
    [
      'The cluster t-1 on this computer has ended; "sitespan list" shows those that run.',
      'The cluster t-1 on this computer has ended; the view "Clusters" shows those that run.',
    ],
    [
      'Choose another name, or end it with "sitespan down ttbar".',
      'Choose another name, or end it with "Close Cluster".',
    ],
    [
      'Nothing ran; "sitespan scale ttbar main 8" asks for as many again.',
      'Nothing ran; "Scale Workers" asks for as many again.',
    ],
    ['What it wrote: "sitespan logs ttbar main-1".', 'What it wrote: "Show Worker Log".'],
    [
      'Make it again: sitespan down t-1, then sitespan up t-1. Its log is /s/sitespan/log.',
      'Make it again: "Close Cluster", then "New Cluster". Its log is /s/sitespan/log.',
    ],
    [
      'Make it with the new one (sitespan up … --relay-ca FILE). If not',
      'Make it with the new one ("New Cluster"). If not',
    ],
    ['Make one with "sitespan proxy init".', 'Make one with "Initialise Proxy".'],
    ['Look at it ("sitespan proxy info").', 'Look at it ("Proxy Info").'],
    ['Check setup and sites ("sitespan grid check gridpp").', 'Check setup and sites ("Check Grid").'],
    ['There is no grid x; add one with "sitespan grid add x".', 'There is no grid x; add one with "Add Grid".'],
    ['Upload one: sitespan proxy upload.', 'Upload one: "Initialise Proxy".'],
    ['Write it with "sitespan completion bash".', 'Write it with "sitespan completion bash".'],
    ['The relay of sitespan is away.', 'The relay of sitespan is away.'],
  ] as const) {
    it(`is said in a window by its own: ${shown}`, () => assert.equal(sentenceInWindow(said), shown));
  }

  it('is said by titles that the palette has, for commands that the terminal has', () => {
    const titles = manifest.contributes.commands.map(({ title }) => title.replace(/…$/, ''));
    const views = ['Clusters', 'Sites'];
    for (const [command, words] of Object.entries(insteadOfTerminal)) {
      assert.ok(Object.hasOwn(commands, command.split(' ')[0] ?? ''), command);
      const title = /"(.*)"/.exec(words)?.[1] ?? '';
      assert.ok([...titles, ...views].includes(title), title);
    }
  });

  it('leaves none of them in what is advised about a worker', () => {
    const life = { name: 'main-1', pool: 'main', site: 'north', job: 'j', warnings: [] };
    for (const phase of ['requested', 'waiting', 'starting', 'enrolled', 'working', 'ended'] as const) {
      const steps = [{ phase, at: 0, evidence: 'Exited with 1' }];
      const said = adviceFor({ ...life, phase, steps }, 50_000, 'ttbar')
        .map(sentenceInWindow)
        .join(' ');
      assert.doesNotMatch(said, /sitespan [a-z]/);
    }
  });
});
