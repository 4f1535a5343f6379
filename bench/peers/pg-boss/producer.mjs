import { PgBoss } from 'pg-boss';
import { produce } from '../node/load.mjs';

// With more, PostgreSQL's processes only get in each other's way on one core.
const CONNECTIONS = 32;

await produce(async (connectionString) => {
  const boss = new PgBoss({ connectionString, max: CONNECTIONS, supervise: false, schedule: false });
  await boss.start();
  return {
    create: (task) => boss.send('calls', task, { startAfter: new Date(task.due) }),
    createMany: (tasks) =>
      boss.insert('calls', tasks.map((task) => ({ data: task, startAfter: new Date(task.due) }))),
    close: () => boss.stop({ graceful: false }),
  };
});
