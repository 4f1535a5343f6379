import { Queue } from 'bullmq';
import { produce } from '../node/load.mjs';
import { connectTo } from './connection.mjs';

await produce(async (socket) => {
  const queue = new Queue('calls', { connection: connectTo(socket) });
  await queue.waitUntilReady();
  const delayOf = (task) => Math.max(0, task.due - Date.now());
  return {
    create: (task) => queue.add('call', task, { delay: delayOf(task) }),
    createMany: (tasks) =>
      queue.addBulk(tasks.map((task) => ({ name: 'call', data: task, opts: { delay: delayOf(task) } }))),
    close: () => queue.close(),
  };
});
