import { makeWorkerUtils } from 'graphile-worker';
import pg from 'pg';
import { produce } from '../node/load.mjs';
import { CONNECTIONS } from './settings.mjs';

await produce(async (connectionString) => {
  const pgPool = new pg.Pool({ connectionString, max: CONNECTIONS });
  pgPool.on('error', (error) => console.error(error));
  pgPool.on('connect', (client) => client.on('error', (error) => console.error(error)));
  const utils = await makeWorkerUtils({ pgPool });
  return {
    create: (task) => utils.addJob('call', task, { runAt: new Date(task.due) }),
    createMany: (tasks) =>
      utils.addJobs(
        tasks.map((task) => ({ identifier: 'call', payload: task, runAt: new Date(task.due) })),
      ),
    async close() {
      await utils.release();
      await pgPool.end();
    },
  };
});
