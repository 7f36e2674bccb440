import { z } from 'zod';
import { LocalGrid } from '../../../src/grid/local/localGrid.js';

// A keeper in small: submits, says so, and waits to be killed.
const text = z.string().transform((value) => JSON.parse(value));
const gridOptions = z.object({ folder: z.string(), sites: z.array(z.object({ name: z.string(), slots: z.number() })) });
const number = z.number();
const intent = z.object({
  ...{ mark: z.string(), sites: z.array(z.string()), count: number, cores: number, memoryMb: number },
  ...{
    walltimeSeconds: number,
    sandbox: z.string(),
    executable: z.string(),
    environment: z.record(z.string(), z.string()),
  },
});

const grid = new LocalGrid(text.pipe(gridOptions).parse(process.env['GRID']));
await grid.submit(text.pipe(intent).parse(process.env['INTENT']));
process.stdout.write('submitted\n');
setTimeout(() => undefined, 60_000);
