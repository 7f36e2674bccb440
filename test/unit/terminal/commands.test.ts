import assert from 'node:assert/strict';
import type { CommandHelp } from '../../../src/terminal/commandHelp.js';
import { commands } from '../../../src/terminal/commands.js';
import { GivenArguments } from '../../../src/terminal/givenArguments.js';
import { unknownCommand } from '../../../src/terminal/helpCommand.js';
import { helpText, overview } from '../../../src/terminal/helpText.js';
import { loadCommand } from '../../../src/terminal/loadCommand.js';

describe('commands', () => {
  const all: readonly (readonly [string, CommandHelp])[] = Object.entries(commands);

  for (const [name, help] of all) {
    it(`${name} has a help with examples that its own options allow, and exit codes`, () => {
      const text = helpText(name, help);
      assert.ok(text.startsWith(`sitespan ${name}`), text);
      assert.match(text, /\n {2}130 {2}\S/);
      assert.ok(help.examples.length > 0);
      for (const { line } of help.examples.filter((one) => one.line.startsWith(`sitespan ${name} `))) {
        const words = (line.split(' | ')[0] ?? '').split(' ').slice(2);
        assert.doesNotThrow(() => GivenArguments.read(name, help, words), line);
      }
    });
  }

  it('are all in the overview, each in one line', () => {
    const lines = overview(commands).split('\n');
    for (const [name] of all) assert.equal(lines.filter((line) => line.startsWith(`  ${name} `)).length, 1, name);
    for (const line of lines) assert.ok(line.length <= 110, line);
  });

  it('can all be loaded', async () => {
    for (const load of Object.values(loadCommand)) assert.equal(typeof (await load()), 'function');
  });

  it('that are mistyped are guessed', () => {
    assert.match(unknownCommand('lsit').message, /Did you mean "sitespan list"\?$/);
    assert.match(unknownCommand('stop').message, /"sitespan stop-everything"/);
    assert.match(unknownCommand('weather').message, /"sitespan help" shows all\.$/);
  });
});
