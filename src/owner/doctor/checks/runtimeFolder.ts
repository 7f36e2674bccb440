import { dirname } from 'node:path';
import { SitespanError } from '../../../base/errors.js';
import { runtimeFolder as findRuntimeFolder } from '../../../base/runtimePaths.js';
import type { Check } from '../check.js';

/** Where sockets lie. */
export const runtimeFolder: Check = {
  id: 'runtime-folder',
  title: 'sockets have a folder that is yours alone',
  async find({ env }) {
    const given = env['XDG_RUNTIME_DIR'];
    try {
      const found = await findRuntimeFolder(env);
      if (given === undefined || given === '' || dirname(found) === given) return [];
      return [
        {
          severity: 'doubtful',
          what: `The runtime folder of this session cannot be used, so sockets lie in ${found}.`,
          where: given,
          fix: `See that it is there, yours alone (chmod 700 ${given}) and short; or leave it so, if all your sessions agree.`,
        },
      ];
    } catch (error) {
      if (!SitespanError.is(error)) throw error;
      return [
        {
          severity: 'wrong',
          what: error.message,
          where: given ?? '/tmp',
          fix: 'Set XDG_RUNTIME_DIR to a short path of a folder that is yours alone, in all your sessions.',
        },
      ];
    }
  },
};
