// The load of every peer: the same tasks, as many at once as our load generator has connections.
//
//   producer.mjs ADDRESS TARGET create SECONDS               64 creates at once, each awaited
//   producer.mjs ADDRESS TARGET bulk COUNT FROM SPREAD       1,000 a call, 8 calls at once
//   producer.mjs ADDRESS TARGET singly COUNT FROM SPREAD     one after another
//   producer.mjs ADDRESS TARGET listed FROM OFFSET...        one after another, due so long after FROM
//
// FROM and SPREAD are milliseconds: tasks are due at random instants of [FROM, FROM + SPREAD). The
// last line printed is JSON with the fields of the load generator's report. A peer is
// { create(task), createMany(tasks), close() }, whose promises hold once the tasks are on disk.
const AT_ONCE = 64;
const A_CALL = 1000;
const CALLS_AT_ONCE = 8;
const WARM_UP_MS = 1000;
const DAY_MS = 86_400_000;
const PAYLOAD = JSON.stringify({ text: 'x'.repeat(200 - '{"text":""}'.length) });

const run = `${Date.now().toString(36)}-${process.pid}`;
let next = 0;

function makeTask(target, from, spread) {
  next += 1;
  return {
    id: `run-${run}-${next}`,
    target,
    due: from + Math.floor(Math.random() * spread),
    payload: PAYLOAD,
  };
}

function percentile(sorted, share) {
  return sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function report(answered, timed, milliseconds, latencies) {
  latencies.sort((a, b) => a - b);
  const fixed = (value) => Number(value.toFixed(3));
  console.log(
    JSON.stringify({
      answered,
      per_second: fixed((timed * 1000) / milliseconds),
      latency_ms: { p50: fixed(percentile(latencies, 0.5)), p99: fixed(percentile(latencies, 0.99)) },
    }),
  );
}

// The first second warms both sides up: it is in `answered`, by which CPU is divided, and in nothing else.
async function createFor(peer, target, seconds) {
  const start = performance.now() + WARM_UP_MS;
  const end = start + seconds * 1000;
  const latencies = [];
  let answered = 0;
  const one = async () => {
    for (let now = performance.now(); now < end; now = performance.now()) {
      await peer.create(makeTask(target, Date.now() + 30 * DAY_MS, DAY_MS));
      answered += 1;
      const done = performance.now();
      if (done >= start && done < end) latencies.push(done - now);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  report(answered, latencies.length, seconds * 1000, latencies);
}

async function createBulk(peer, target, [count, from, spread]) {
  const start = performance.now();
  const latencies = [];
  let left = count;
  const one = async () => {
    while (left > 0) {
      const tasks = Array.from({ length: Math.min(A_CALL, left) }, () => makeTask(target, from, spread));
      left -= tasks.length;
      const sent = performance.now();
      await peer.createMany(tasks);
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, one));
  report(count, count, performance.now() - start, latencies);
}

async function createSingly(peer, target, [count, from, spread]) {
  const start = performance.now();
  for (let made = 0; made < count; made += 1) {
    await peer.create(makeTask(target, from, spread));
  }
  report(count, count, performance.now() - start, []);
}

async function createListed(peer, target, [from, ...offsets]) {
  const start = performance.now();
  for (const offset of offsets) {
    await peer.create(makeTask(target, from + offset, 0));
  }
  report(offsets.length, offsets.length, performance.now() - start, []);
}

// produce(OPEN): opens the peer at ADDRESS and does what the command line says.
export async function produce(open) {
  const [address, target, command, ...rest] = process.argv.slice(2);
  const numbers = rest.map(Number);
  const peer = await open(address);
  if (command === 'create') await createFor(peer, target, numbers[0]);
  else if (command === 'bulk') await createBulk(peer, target, numbers);
  else if (command === 'singly') await createSingly(peer, target, numbers);
  else if (command === 'listed') await createListed(peer, target, numbers);
  else throw new Error(`there is no command ${command}`);
  await peer.close();
  process.exit(0);
}
