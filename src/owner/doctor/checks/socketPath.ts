import { join } from 'node:path';
import { longestSocketPath, socketName } from '../../../base/runtimePaths.js';
import type { Check } from '../check.js';

export const socketPath: Check = {
  id: 'socket-path',
  title: "sockets' paths are short enough",
  async find({ env }) {
    const given = env['XDG_RUNTIME_DIR'];
    if (given === undefined || given === '') return [];
    const bytes = Buffer.byteLength(join(given, 'sitespan', socketName('')));
    if (bytes <= longestSocketPath) return [];
    return [
      {
        severity: 'doubtful',
        what: `A socket in the runtime folder of this session would have a path of ${bytes} bytes, and this computer allows ${longestSocketPath}; another folder is used.`,
        where: given,
        fix: 'Set XDG_RUNTIME_DIR to a shorter path, the same in all your sessions.',
      },
    ];
  },
};
