import { formatId, type Id, parseId } from './names.js';
import { Refusal } from './refusal.js';

/** What a prelude's target asks for (docs/relay.md, the table of targets). */
export type RelayRequest =
  | { readonly kind: 'control'; readonly id: Id }
  | { readonly kind: 'connect'; readonly to: Id; readonly from: Id; readonly again: boolean }
  | { readonly kind: 'accept' };

/** @throws Refusal `bad-request` for a target, id or number that is malformed */
export function parseTarget(target: string): RelayRequest {
  const [path, query] = splitOnce(target, '?');
  const pairs = query === '' ? [] : query.split('&').map((pair) => splitOnce(pair, '='));
  const parameters = new Map(pairs);
  if (parameters.size < pairs.length) throw new Refusal('bad-request', 'A parameter of the target comes twice.');
  const take = (key: string): string | undefined => {
    const value = parameters.get(key);
    parameters.delete(key);
    return value;
  };
  const id = (key: string, zero = false): Id => {
    const found = parseId(take(key) ?? '', zero);
    if (found === undefined) throw new Refusal('bad-request', `The target's ${key} is not an id.`);
    return found;
  };
  const request = ((): RelayRequest => {
    switch (path) {
      case '/v1/control':
        return { kind: 'control', id: id('id', true) };
      case '/v1/connect':
        return { kind: 'connect', to: id('to'), from: id('from'), again: again(take('again')) };
      case '/v1/accept':
        return { kind: 'accept' };
      default:
        throw new Refusal('bad-request', 'There is no such target.');
    }
  })();
  if (parameters.size > 0) throw new Refusal('bad-request', 'The target has parameters that mean nothing.');
  return request;
}

export const controlTarget = (id: Id): string => `/v1/control?id=${formatId(id)}`;

export const connectTarget = (to: Id, from: Id, again = false): string =>
  `/v1/connect?to=${formatId(to)}&from=${formatId(from)}${again ? '&again=1' : ''}`;

export const acceptTarget = '/v1/accept';

function again(value: string | undefined): boolean {
  if (value !== undefined && value !== '1') throw new Refusal('bad-request', 'again is 1 or absent.');
  return value === '1';
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
