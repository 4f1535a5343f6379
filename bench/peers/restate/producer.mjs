import { Pool } from '../node/attempt.mjs';
import { produce } from '../node/load.mjs';

// Its ingress takes one invocation a request. A bulk create is a thousand of them, eight at once for
// each call, and so 64 in all: a delay counts from when Restate reads it, so that none may queue here.
const REQUESTS_A_CALL = 8;

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
    createMany(tasks) {
      const left = tasks.values();
      const some = async () => {
        for (const task of left) await create(task);
      };
      return Promise.all(Array.from({ length: REQUESTS_A_CALL }, some));
    },
    close: () => pool.close(),
  };
});
