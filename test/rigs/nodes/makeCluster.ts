// Makes a cluster with one worker on the node it runs on, and prints its id.
import { calls } from '../../../src/keeper/api.js';
import { ClusterRig } from '../cluster/clusterRig.js';

const rig = await ClusterRig.make({ name: process.argv[2] ?? '' });
await rig.addPool(1);
const { id } = await rig.client.call(calls.clusterState, {});
process.stdout.write(JSON.stringify({ id }));
process.exit();
