import { produce } from '../node/load.mjs';
import { Beanstalk } from './wire.mjs';

// More connections make no create faster: beanstalkd has one thread and flushes for each put.
const CONNECTIONS = 8;

await produce(async (address) => {
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => Beanstalk.connect(address)));
  let turn = 0;
  // Delays are whole seconds: rounded down here, and the worker keeps the task for the rest.
  const put = (connection, task) => {
    const delay = Math.max(0, Math.floor((task.due - Date.now()) / 1000));
    return connection.put(delay, JSON.stringify(task));
  };
  const nextConnection = () => connections[(turn += 1) % CONNECTIONS];
  return {
    create: (task) => put(nextConnection(), task),
    createMany(tasks) {
      const connection = nextConnection();
      return Promise.all(tasks.map((task) => put(connection, task)));
    },
    close: () => connections.forEach((connection) => connection.close()),
  };
});
