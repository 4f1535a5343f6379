import { produce } from '../node/load.mjs';
import { Beanstalk } from './wire.mjs';

// More connections make no create faster: beanstalkd has one thread and flushes for each put.
const CONNECTIONS = 8;
const PIPELINED = 16; // puts under way on each, of a bulk create

await produce(async (address) => {
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => Beanstalk.connect(address)));
  let turn = 0;
  // Delays are whole seconds from when beanstalkd reads the put: rounded down here, with half a second
  // for those before it on its connection; the worker keeps the task for the rest.
  const put = (connection, task) => {
    const delay = Math.max(0, Math.floor((task.due - Date.now() - 500) / 1000));
    return connection.put(delay, JSON.stringify(task));
  };
  const nextConnection = () => connections[(turn += 1) % CONNECTIONS];
  return {
    create: (task) => put(nextConnection(), task),
    createMany(tasks) {
      const connection = nextConnection();
      const left = tasks.values();
      const some = async () => {
        for (const task of left) await put(connection, task);
      };
      return Promise.all(Array.from({ length: PIPELINED }, some));
    },
    close: () => connections.forEach((connection) => connection.close()),
  };
});
