// worker.mjs ADDRESS TARGET: four pollers that take up to 250 jobs each, in the shortest interval that
// is allowed, and at once again while they come back full. A batch is completed together, once its
// slowest job is. Order does not matter, which makes each fetch cheaper.
import { PgBoss } from 'pg-boss';
import { attemptsTo } from '../node/attempt.mjs';

const [connectionString, target] = process.argv.slice(2);
const send = attemptsTo(target);
const boss = new PgBoss({ connectionString, max: 10, schedule: false });
boss.on('error', (error) => console.error(error));
await boss.start();
await boss.createQueue('calls');
await boss.work(
  'calls',
  {
    pollingIntervalSeconds: 0.5,
    batchSize: 250,
    localConcurrency: 4,
    burstWhenBatchFull: true,
    priority: false,
    orderByCreatedOn: false,
  },
  (jobs) => Promise.all(jobs.map(({ data }) => send(data))),
);
console.log('listening on nothing');
