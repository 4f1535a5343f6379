// worker.mjs SOCKET TARGET
import { Worker } from 'bullmq';
import { attemptsTo } from '../node/attempt.mjs';
import { connectTo } from './connection.mjs';

const [socket, target] = process.argv.slice(2);
const send = attemptsTo(target);
const worker = new Worker('calls', ({ data }) => send(data), {
  connection: connectTo(socket),
  concurrency: 200,
});
worker.on('failed', (job, error) => console.error(error));
worker.on('error', (error) => console.error(error));
await worker.waitUntilReady();
console.log('listening on nothing');
