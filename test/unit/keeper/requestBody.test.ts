import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { requestBody } from '../../../src/keeper/requestBody.js';

describe('requestBody', () => {
  const request = (...parts: string[]): IncomingMessage => {
    const made = new IncomingMessage(new Socket());
    for (const part of parts) made.push(Buffer.from(part));
    made.push(null);
    return made;
  };

  it('is the text of all its parts', async () => {
    assert.equal(await requestBody(request('{"a":', '"ä"}'), 100), '{"a":"ä"}');
    assert.equal(await requestBody(request(), 100), '');
  });

  it('is nothing when it is larger than the limit', async () => {
    assert.equal(await requestBody(request('12345'), 5), '12345');
    assert.equal(await requestBody(request('123', '456'), 5), undefined);
  });
});
