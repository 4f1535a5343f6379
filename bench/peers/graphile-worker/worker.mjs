// worker.mjs ADDRESS TARGET: settings as in the project's page on performance (a local queue, batched
// completions), with more jobs at once since each waits for the network, and a poll as often as the
// seed's instead of each two seconds: jobs that become due later are only found by polling.
import { Logger, run } from 'graphile-worker';
import { attemptsTo } from '../node/attempt.mjs';

const [connectionString, target] = process.argv.slice(2);
const send = attemptsTo(target);
const quiet = new Logger(() => (level, message) => {
  if (level === 'error') console.error(message);
});
const runner = await run({
  preset: {
    worker: {
      connectionString,
      concurrentJobs: 200,
      maxPoolSize: 25,
      pollInterval: 100,
      localQueue: { size: 1000 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
      logger: quiet,
    },
  },
  taskList: { call: (task) => send(task) },
});
console.log('listening on nothing');
await runner.promise;
