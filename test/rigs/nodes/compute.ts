// Computes on the cluster of that name, for as many seconds; writes to the file when it has begun; prints the sum of the squares below 200.
import { writeFile } from 'node:fs/promises';
import { ClusterRig } from '../cluster/clusterRig.js';

const [name = '', seconds = '', begun = ''] = process.argv.slice(2);
const rig = await ClusterRig.attach(name);
const running = rig.run(`
import time
from dask.distributed import Client
client = Client()
def slow(x):
    time.sleep(${Number(seconds)} / 200)
    return x * x
result = sum(client.gather(client.map(slow, range(200))))
`);
await Promise.race([rig.when(({ tasks }) => tasks.processing > 0), running]);
await writeFile(begun, '');
process.stdout.write(JSON.stringify({ result: await running }));
process.exit();
