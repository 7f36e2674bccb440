import assert from 'node:assert/strict';
import { healthAnswer, refusalAnswer, strangerAnswer, upgradeAnswer } from '../../../src/relay/answers.js';
import { Refusal } from '../../../src/relay/refusal.js';
import { golden } from './golden.js';

describe('answers', () => {
  const head = (name: string) => golden.answers.find((answer) => answer.name === name)?.head;

  it('are the golden ones', () => {
    const from = { 'Sitespan-From': 'notebook-1:1', 'Sitespan-Role': 'client' };
    assert.equal(upgradeAnswer(), head('connect or control'));
    assert.equal(upgradeAnswer(from), head('accept'));
    assert.equal(strangerAnswer(1780000000130), head('stranger'));
    assert.equal(refusalAnswer(new Refusal('unknown-target', 'for the log')), head('refusal'));
  });

  it('say the health in JSON, with its length', () => {
    const [about = '', body = ''] = healthAnswer(12).split('\r\n\r\n');
    assert.equal(body, '{"ok":true,"uptimeSeconds":12}');
    assert.match(about, new RegExp(`Content-Length: ${body.length}$`));
  });
});
