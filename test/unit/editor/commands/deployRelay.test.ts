import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ClusterAuthority } from '../../../../src/credentials/clusterAuthority.js';
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

  /** What stood in the box each time that something was asked for. */
  const askedFor = (words: string): unknown[] =>
    window.screen.asked.filter(({ placeholder = '' }) => placeholder.startsWith(words)).map(({ value }) => value);

  /** Answers one question after the other, and the message at the end with `offer`; leaves what comes then. */
  const answers = (given: readonly (string | undefined)[], offer?: string) => {
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
    const { shellArgs, cwd } = window.screen.terminals[0]?.options ?? {};
    assert.equal(cwd, homedir());
    assert.ok(Array.isArray(shellArgs));
    assert.deepEqual(shellArgs.slice(4), [
      join(home(), 'bundle', 'cli.mjs'),
      ...['relay', 'deploy', 'vm', '--address', '192.0.2.7', '--port', '8443', '--over-ssh'],
    ]);
  });

  it('begins with the port that the relay at that address has', async () => {
    const own = 'One of your own';
    await window.run(commands.deployRelay, undefined, answers(['vm', 'relay.example.org', '443', own, page]));
    await window.run(commands.deployRelay, undefined, answers(['vm', 'Relay.example.org', 'accept', own, page]));
    assert.match(window.notices.at(-1) ?? '', /clusters can use it: relay\.example\.org:443\./);
    // What was typed for one relay is not for another, but is there again for the same.
    const there = ['vm', 'relay.example.org', '444', 'back', 'back', 'accept', '445', 'back', 'back', 'other.example'];
    await window.run(commands.deployRelay, undefined, answers([...there, undefined]));
    assert.deepEqual(askedFor('The port that sites'), ['8443', '443', '443', '444', '444', '445', '8443']);
  });

  it('keeps a certificate that others gave, or goes back to one of its own', async () => {
    const pair = ClusterAuthority.create().issue('relay', 'relay', 0, ['relay.example.org']);
    const files = [join(home(), 'given.pem'), join(home(), 'given.key')] as const;
    writeFileSync(files[0], pair.cert);
    writeFileSync(files[1], pair.key);
    const deploy = async (...certificate: readonly string[]): Promise<string> => {
      const given = ['vm', 'relay.example.org', 'accept', ...certificate, ssh];
      await window.run(commands.deployRelay, undefined, answers(given));
      assert.ok(!String(window.screen.terminals.at(-1)?.options.shellArgs).includes('--renew'));
      return readFileSync(made('relay.example.org', 'relay.pem'), 'utf8');
    };
    assert.equal(await deploy('One that others gave', ...files), pair.cert);
    assert.equal(await deploy('The one that it has'), pair.cert);
    assert.notEqual(await deploy('One of your own'), pair.cert);
    const note = JSON.parse(readFileSync(made('relay.example.org', 'deployment.json'), 'utf8'));
    assert.equal(note.certificate, 'own');
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
