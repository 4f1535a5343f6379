import { Pool } from '../node/attempt.mjs';
import { produce } from '../node/load.mjs';

await produce(async (address) => {
  const pool = new Pool(`http://${address}`, { connections: 64, pipelining: 1 });
  const create = async (task) => {
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: '/tasks',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(task),
    });
    await body.dump();
    if (statusCode !== 201) throw new Error(`the answer was ${statusCode}`);
  };
  return { create, createMany: (tasks) => Promise.all(tasks.map(create)), close: () => pool.close() };
});
