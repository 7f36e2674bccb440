import assert from 'node:assert/strict';
import { noteRelay } from '../../../src/terminal/relayNote.js';

describe('noteRelay', () => {
  const { write } = process.stderr;
  let noted = '';
  beforeEach(() => {
    noted = '';
    process.stderr.write = (text: string | Uint8Array) => {
      noted += String(text);
      return true;
    };
  });
  afterEach(() => {
    process.stderr.write = write;
  });

  it('is one line, with the option that gives another relay', () => {
    noteRelay('gridpp', undefined);
    assert.match(noted, /^[^\n]* the sites of gridpp cannot reach it[^\n]*--relay HOST:PORT --relay-key FILE\.\n$/);
  });

  it('is nothing where a relay is given', () => {
    const address = { host: 'relay.example', port: 443, serverName: 'relay.example' };
    noteRelay('gridpp', { kind: 'other', address });
    assert.equal(noted, '');
  });
});
