import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { handlers } from '../../src/editor/commands/handlers.js';
import { commands, contextKeys, gridWalkthrough, settings, viewContainer, views, walkthrough } from '../../src/ids.js';

const clause = z.object({ when: z.string().optional(), command: z.string().optional() });
const manifest = z
  .object({
    contributes: z.object({
      commands: z.array(
        z.object({
          command: z.string(),
          title: z.string(),
          category: z.literal('Sitespan'),
          icon: z.string().startsWith('$('),
          enablement: z.string().optional(),
        }),
      ),
      views: z.record(z.string(), z.array(z.object({ id: z.string(), when: z.string().optional() }))),
      menus: z.record(z.string(), z.array(clause)).default({}),
      keybindings: z.array(clause).default([]),
      viewsWelcome: z.array(clause.extend({ view: z.string(), contents: z.string() })).default([]),
      walkthroughs: z.array(
        z.object({
          id: z.string(),
          steps: z.array(
            z.object({
              description: z.string(),
              media: z.object({ markdown: z.string() }),
              completionEvents: z.array(z.string()),
            }),
          ),
        }),
      ),
      configuration: z.array(z.object({ properties: z.record(z.string(), z.unknown()) })),
    }),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')));
const { contributes } = manifest;

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

describe('Ids', () => {
  it('of commands are those of package.json', () => {
    assert.deepEqual(sorted(contributes.commands.map(({ command }) => command)), sorted(Object.values(commands)));
  });

  it('of commands that start programs cannot be chosen in a workspace that is not trusted', () => {
    for (const { command, enablement = '' } of contributes.commands) {
      const starts = Object.entries(handlers).some(([id, { needs }]) => id === command && needs === 'trust');
      assert.equal(enablement.includes('isWorkspaceTrusted'), starts, command);
    }
  });

  it('of views are those of package.json', () => {
    assert.deepEqual(
      sorted((contributes.views[viewContainer] ?? []).map(({ id }) => id)),
      sorted(Object.values(views)),
    );
  });

  it('of settings are those of package.json', () => {
    const declared = contributes.configuration.flatMap(({ properties }) => Object.keys(properties));
    assert.deepEqual(sorted(declared), sorted(Object.values(settings)));
  });

  it('of the walkthroughs and what they call and wait for are declared, and their pages are there', () => {
    assert.deepEqual(
      contributes.walkthroughs.map(({ id }) => id),
      [walkthrough, gridWalkthrough],
    );
    const steps = contributes.walkthroughs.flatMap((one) => one.steps);
    const known: readonly string[] = [
      ...Object.values(commands).map((id) => `onCommand:${id}`),
      ...Object.values(contextKeys).map((id) => `onContext:${id}`),
      ...Object.values(settings).map((id) => `onSettingChanged:${id}`),
    ];
    const called = steps.flatMap(({ description }) => [...description.matchAll(/\(command:([\w.]+)/g)]);
    assert.equal(called.length, steps.length);
    for (const [, id] of called) assert.ok(known.includes(`onCommand:${id}`), id);
    for (const event of steps.flatMap(({ completionEvents }) => completionEvents))
      assert.ok(known.includes(event), event);
    for (const { media } of steps) assert.ok(existsSync(join(import.meta.dirname, '..', '..', media.markdown)));
  });

  it('that clauses, menus and links name are declared', () => {
    const menus = Object.values(contributes.menus).flat();
    const texts = [
      ...[...menus, ...contributes.keybindings, ...contributes.viewsWelcome].map(({ when = '' }) => when),
      ...contributes.commands.map(({ enablement = '' }) => enablement),
      ...Object.values(contributes.views)
        .flat()
        .map(({ when = '' }) => when),
    ];
    const known: readonly string[] = [
      ...Object.values(contextKeys),
      ...Object.values(views),
      ...Object.values(settings).map((id) => `config.${id}`),
    ];
    for (const text of texts) {
      for (const [name] of text.matchAll(/(?:config\.)?\bsitespan\.[\w.]+/g)) {
        assert.ok(known.includes(name), `${name} in "${text}"`);
      }
    }
    const called = [...menus, ...contributes.keybindings].flatMap(({ command }) => command ?? []);
    const linked = contributes.viewsWelcome.flatMap(({ contents }) =>
      [...contents.matchAll(/\(command:([\w.]+)/g)].map(([, id = '']) => id),
    );
    const ours = [...called, ...linked].filter((id) => id.startsWith('sitespan.'));
    const ids: readonly string[] = Object.values(commands);
    assert.deepEqual(
      ours.filter((id) => !ids.includes(id)),
      [],
    );
  });
});
