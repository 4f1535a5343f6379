import { Pool } from '../node/attempt.mjs';
import { produce } from '../node/load.mjs';

// Its ingress takes one invocation a request, so a bulk create is a thousand requests at once.
await produce(async (folder) => {
  const pool = new Pool('http://restate', { socketPath: `${folder}/ingress.sock`, connections: 64 });
  const post = async (path, value) => {
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(value),
    });
    const answer = await body.text();
    if (statusCode >= 300) throw new Error(`the answer was ${statusCode} ${answer}`);
  };
  const create = (task) => post(`/calls/one/send?delay=${Math.max(0, task.due - Date.now())}ms`, task);
  return {
    create,
    createMany: (tasks) => Promise.all(tasks.map(create)),
    close: () => pool.close(),
  };
});
