// worker.mjs SOCKET TARGET: every connection reserves a task, keeps it until its exact instant, sends
// it, and deletes it. A connection is busy for as long as it keeps a task, which is a second on average
// (see the producer), so 1,000 tasks a second keep about 1,000 of them busy.
import { setTimeout as sleep } from 'node:timers/promises';
import { attemptsTo } from '../node/attempt.mjs';
import { Beanstalk } from './wire.mjs';

const CONNECTIONS = 2048;

const [socket, target] = process.argv.slice(2);
const send = attemptsTo(target);

async function work(connection) {
  while (true) {
    const { id, body } = await connection.reserve();
    const task = JSON.parse(body);
    for (let left = task.due - Date.now(); left > 0; left = task.due - Date.now()) await sleep(left);
    await send(task);
    await connection.delete(id);
  }
}

for (let made = 0; made < CONNECTIONS; made += 1) {
  work(await Beanstalk.connect(socket)).catch((error) => {
    console.error(error);
    process.exit(1);
  });
}
console.log('listening on nothing');
