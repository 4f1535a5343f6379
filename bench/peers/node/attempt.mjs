// What every peer's worker does with a task that is due: the request our server would send, over
// undici's pool of kept-alive connections (the client Node's documentation calls the faster one).
import { Pool } from 'undici';

// Enough that a sink on the same machine is never waited for; ours has up to 1,024 under way.
const CONNECTIONS = 128;

// attemptsTo(TARGET): a function that sends one attempt for a task and throws when it is refused.
export function attemptsTo(target) {
  const { origin, pathname } = new URL(target);
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 });
  return async ({ id, due, payload }) => {
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: pathname,
      headers: headersOf(id, due),
      body: payload,
    });
    await body.dump();
    if (statusCode >= 300) {
      throw new Error(`task ${id}: the target answered ${statusCode}`);
    }
  };
}

// The fields by which the sink tells runs apart and knows when each was due.
export function headersOf(id, due) {
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'idempotency-key': id,
    'hourwheel-task-id': id,
    'hourwheel-attempt': '1',
    'hourwheel-due': new Date(due).toISOString(),
  };
}

export { Pool };
