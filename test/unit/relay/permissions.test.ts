import assert from 'node:assert/strict';
import { type Role, roles } from '../../../src/relay/credential.js';
import { mayConnect, mayListen } from '../../../src/relay/permissions.js';

describe('permissions', () => {
  const subjects: Record<Role, string> = {
    keeper: 'keeper',
    scheduler: 'scheduler',
    worker: 'north-3',
    client: 'notebook-1',
    joiner: 'join-1',
  };
  const caller = (role: Role, subject = subjects[role]) => ({ tenant: 'me', cluster: 'c', role, subject });

  // The table of docs/security.md, written out again.
  const opens: Record<Role, readonly string[]> = {
    keeper: ['scheduler', 'south-1'],
    scheduler: ['south-1'],
    worker: ['keeper', 'scheduler', 'south-1'],
    client: ['scheduler', 'south-1'],
    joiner: ['keeper'],
  };
  for (const role of roles) {
    for (const host of ['keeper', 'scheduler', 'south-1']) {
      const connect = () => mayConnect(caller(role), { host: subjects[role], number: 1 }, { host, number: 1 });
      if (opens[role].includes(host)) it(`let a ${role} open a stream to ${host}`, () => assert.doesNotThrow(connect));
      else it(`let no ${role} open a stream to ${host}`, () => assert.throws(connect, { code: 'role-not-allowed' }));
    }
    const listen = () => mayListen(caller(role), { host: subjects[role], number: 1 });
    if (role === 'client' || role === 'joiner') {
      it(`let no ${role} listen`, () => assert.throws(listen, { code: 'role-not-allowed' }));
    } else {
      it(`let a ${role} listen under its own name`, () => assert.doesNotThrow(listen));
      it(`let no ${role} listen under another's name`, () => {
        assert.throws(() => mayListen(caller(role), { host: 'other', number: 1 }), { code: 'not-your-name' });
      });
    }
  }

  it('let nobody call under another name', () => {
    const from = { host: 'notebook-2', number: 1 };
    assert.throws(() => mayConnect(caller('client'), from, { host: 'scheduler', number: 1 }), {
      code: 'not-your-name',
    });
  });

  it('let nobody but a scheduler be called scheduler, even with a credential that says so', () => {
    const impostor = caller('worker', 'scheduler');
    assert.throws(() => mayListen(impostor, { host: 'scheduler', number: 8786 }), { code: 'not-your-name' });
  });

  it('let a scheduler be called nothing else', () => {
    const odd = caller('scheduler', 'north-3');
    assert.throws(() => mayListen(odd, { host: 'north-3', number: 1 }), { code: 'not-your-name' });
  });

  it('give the keeper one number', () => {
    assert.throws(() => mayListen(caller('keeper'), { host: 'keeper', number: 2 }), { code: 'not-your-name' });
  });
});
