// Prints where sockets lie on the node it runs on, or why nowhere.
import { SitespanError } from '../../../src/base/errors.js';
import { runtimeFolder } from '../../../src/base/runtimePaths.js';

try {
  process.stdout.write(JSON.stringify({ folder: await runtimeFolder() }));
} catch (error) {
  if (!SitespanError.is(error)) throw error;
  process.stdout.write(JSON.stringify({ code: error.code, message: error.message }));
}
