import type { Role } from './credential.js';
import type { Id } from './names.js';
import { Refusal } from './refusal.js';

/** Who is calling, proved. */
export interface Caller {
  readonly tenant: string;
  readonly cluster: string;
  readonly role: Role;
  readonly subject: string;
}

/** To which listeners each role may open streams (docs/security.md). */
const opensTo: Readonly<Record<Role, readonly Role[]>> = {
  keeper: ['scheduler', 'worker'],
  scheduler: ['worker'],
  worker: ['scheduler', 'worker', 'keeper'],
  client: ['scheduler', 'worker'],
  joiner: ['keeper'],
};

const listens: Readonly<Record<Role, boolean>> = {
  keeper: true,
  scheduler: true,
  worker: true,
  client: false,
  joiner: false,
};

/** Hosts name their owner: two belong to one role each, every other listener is a worker. */
export function roleOfHost(host: string): Role {
  return host === 'keeper' || host === 'scheduler' ? host : 'worker';
}

/** @throws Refusal `role-not-allowed`, `not-your-name` */
export function mayListen(caller: Caller, id: Id): void {
  if (!listens[caller.role]) throw new Refusal('role-not-allowed', `A ${caller.role} does not listen.`);
  mustOwn(caller, id);
  if (caller.role === 'keeper' && id.number !== 1) throw new Refusal('not-your-name', 'A keeper listens as keeper:1.');
}

/** @throws Refusal `role-not-allowed`, `not-your-name` */
export function mayConnect(caller: Caller, from: Id, to: Id): void {
  mustOwn(caller, from);
  const target = roleOfHost(to.host);
  if (!opensTo[caller.role].includes(target)) {
    throw new Refusal('role-not-allowed', `A ${caller.role} opens no streams to a ${target}.`);
  }
}

/** An id is its subject's alone; and the names `keeper` and `scheduler` go with these roles, whoever signed otherwise. */
function mustOwn(caller: Caller, id: Id): void {
  const named = roleOfHost(caller.subject);
  const fits = named === 'worker' ? caller.role !== 'keeper' && caller.role !== 'scheduler' : named === caller.role;
  if (id.host !== caller.subject || !fits) {
    throw new Refusal('not-your-name', `The ${caller.role} ${caller.subject} cannot go by ${id.host}.`);
  }
}
