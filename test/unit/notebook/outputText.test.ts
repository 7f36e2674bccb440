import assert from 'node:assert/strict';
import type { Output } from '../../../src/notebook/outputs.js';
import { outputText } from '../../../src/notebook/outputText.js';

describe('outputText', () => {
  const stream = (text: string): Output => ({ output_type: 'stream', name: 'stdout', text });
  const data = (bundle: Record<string, unknown>): Output => ({
    output_type: 'display_data',
    data: bundle,
    metadata: {},
  });

  it('puts each output on lines of its own', () => {
    const outputs = [stream('a\n'), data({ 'text/plain': '42' }), stream('b')];
    assert.equal(outputText(outputs), 'a\n42\nb');
  });

  it('shows a picture by what it says of itself, or by its kind', () => {
    assert.equal(outputText([data({ 'image/png': 'aGk=', 'text/plain': ['<Figure', '>'] })]), '<Figure>');
    assert.equal(outputText([data({ 'image/svg+xml': '<svg/>' })]), '[image/svg+xml]');
  });

  it('shows an error by its traceback, without colours', () => {
    const error = { output_type: 'error', ename: 'ZeroDivisionError', evalue: 'division by zero' } as const;
    const traceback = ['\u001b[31mZeroDivisionError\u001b[39m', 'at 1'];
    assert.equal(outputText([{ ...error, traceback }]), 'ZeroDivisionError\nat 1');
    assert.equal(outputText([{ ...error, traceback: [] }]), 'ZeroDivisionError: division by zero');
  });

  it('shows a progress bar as it ended', () => {
    assert.equal(outputText([stream('start\n\r10 %\r100 %\nab\b\bcd\n')]), 'start\n100 %\ncd\n');
  });

  it('lets nothing through that could command the terminal', () => {
    const hostile = '\u001b]0;title\u0007\u001b[2J\u009b31mred\u0000\u0007 tab\there\r\nend';
    assert.equal(outputText([stream(hostile)]), 'red tab\there\nend');
  });
});
