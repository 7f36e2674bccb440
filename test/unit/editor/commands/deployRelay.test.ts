import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands } from '../../../../src/ids.js';
import type { Asked } from '../../../rigs/window/vscode.mjs';
import { scratchHome } from '../../keeper/scratchHome.js';
import { CommandWindow } from './commandWindow.js';

const page = '$(book) Show what is to be done';
const ssh = '$(rocket) Do it over ssh';

describe('Deploy Relay', () => {
  let window: CommandWindow;
  const before = process.env['XDG_CONFIG_HOME'];
  afterEach(() => {
    window.dispose();
    if (before === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = before;
  });
  const home = scratchHome();
  beforeEach(() => {
    process.env['XDG_CONFIG_HOME'] = join(home(), 'config');
    window = new CommandWindow(home());
  });
  const made = (address: string, name: string): string => join(home(), 'config', 'sitespan', 'relays', address, name);

  /** Answers one question after the other, and the message at the end with `offer`; leaves what comes then. */
  const answers = (given: readonly string[], offer?: string) => {
    const left = [...given];
    return ({ kind, title }: Asked): unknown => {
      if (kind === 'message') return offer;
      return title === 'Deploy Relay' ? left.shift() : undefined;
    };
  };

  it('shows what is to be done, as a page without a secret, and starts nothing', async () => {
    await window.run(
      commands.deployRelay,
      undefined,
      answers(['me@vm', 'relay.example.org', '443', 'One of your own', page]),
    );
    const [document] = window.screen.shown;
    const text = document?.getText() ?? '';
    assert.match(text, /^# A relay on me@vm, for relay\.example\.org:443$/m);
    const key = readFileSync(made('relay.example.org', 'me.user-key'), 'utf8').trim();
    assert.doesNotMatch(text + JSON.stringify([window.screen.said, window.logged]), new RegExp(key));
    assert.deepEqual(window.screen.terminals, []);
    assert.match(window.notices[0] ?? '', /^When the relay runs, new clusters can use it: relay\.example\.org:443\./);
  });

  it('does it in a terminal, where every answer is a word of its own', async () => {
    await window.run(commands.deployRelay, undefined, answers(['vm', '192.0.2.7', 'accept', 'One of your own', ssh]));
    const { shellArgs } = window.screen.terminals[0]?.options ?? {};
    assert.ok(Array.isArray(shellArgs));
    assert.deepEqual(shellArgs.slice(4), [
      join(home(), 'bundle', 'cli.mjs'),
      ...['relay', 'deploy', 'vm', '--address', '192.0.2.7', '--port', '8443', '--over-ssh'],
    ]);
  });

  it('takes no host that ssh or a shell could read as something else, and nothing is made for it', async () => {
    for (const host of ['-oProxyCommand=reboot', 'a b', '$(reboot)']) {
      await window.run(commands.deployRelay, undefined, answers([host]));
      assert.equal(window.screen.asked.at(-1)?.problem?.startsWith('Such as'), true, host);
    }
    assert.deepEqual(window.notices, []);
  });

  it('offers Set Relay with address, key and authority filled in', async () => {
    const asked: Asked[] = [];
    const answer = answers(['vm', 'relay.example.org', '8443', 'One of your own', page], 'Set Relay');
    await window.run(commands.deployRelay, undefined, (question) => {
      if (question.title !== 'Set Relay' || question.kind !== 'text') return answer(question);
      asked.push(question);
      return asked.length < 5 ? 'accept' : undefined;
    });
    assert.deepEqual(
      asked.map(({ value }) => value),
      [
        ...['relay.example.org:8443', 'me', readFileSync(made('relay.example.org', 'me.user-key'), 'utf8').trim(), ''],
        made('relay.example.org', 'authority.pem'),
      ],
    );
  });

  it('says what is wrong with a certificate that cannot serve', async () => {
    const files = ['/nowhere/fullchain.pem', '/nowhere/privkey.pem'];
    await window.run(
      commands.deployRelay,
      undefined,
      answers(['vm', 'relay.example.org', '443', 'One that others gave', ...files, ssh]),
    );
    assert.equal(window.notices.length, 1);
    assert.match(window.notices[0] ?? '', /\/nowhere\/fullchain\.pem cannot be read/);
    assert.deepEqual(window.screen.terminals, []);
  });
});
