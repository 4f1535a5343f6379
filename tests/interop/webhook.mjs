// webhook.mjs SERVER: a real server sends a webhook that is signed with a secret of its task, and the
// package `standardwebhooks` looks at it as any receiver would: what arrived is accepted; with
// another byte in its body, an instant long past, or another secret it is not. Ends with 1, and
// says why, when anything is otherwise.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';

const kPatienceMs = 20_000;

// What a promise comes to, or an error that names what did not come.
function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come`)), kPatienceMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Answers 204 to all; `arrived` is the first request, its body as the bytes that came.
async function startSink() {
  let tell;
  const arrived = new Promise((resolve) => { tell = resolve; });
  const http = createServer((request, response) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      response.writeHead(204).end();
      tell({ headers: request.headers, body: Buffer.concat(pieces) });
    });
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${http.address().port}/hook`, arrived, http };
}

// `url`: what the server says that it listens on.
async function startServer(program, folder) {
  const options = ['serve', '--dev', '--listen', '127.0.0.1:0', '--data', folder, '--shards', '1'];
  const running = spawn(program, options, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const listening = new Promise((resolve, reject) => {
    const read = (text) => {
      said += text;
      const found = /^listening on (\S+)$/m.exec(said);
      if (found) resolve(`http://${found[1]}`);
    };
    running.stdout.setEncoding('utf8').on('data', read);
    running.stderr.setEncoding('utf8').on('data', read);
    running.on('error', reject);
    running.on('exit', (code) => reject(new Error(`the server ended with ${code}:\n${said}`)));
  });
  const ended = new Promise((resolve) => { running.on('exit', resolve); });
  try {
    return { url: await within('the line "listening on"', listening), running, ended };
  } catch (error) {
    running.kill('SIGKILL');
    throw error;
  }
}

async function ask(method, url, body) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
  assert.ok(response.ok, `${method} ${url}: ${response.status} ${await response.clone().text()}`);
}

// The signature that this library makes for another instant, so that the instant alone is wrong.
function dated(headers, body, secret, seconds) {
  const at = new Date(Date.now() + seconds * 1000);
  const signature = new Webhook(secret).sign(headers['webhook-id'], at, body);
  return { ...headers, 'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': signature };
}

function check({ headers, body }, secret, payload) {
  const webhook = new Webhook(secret);
  const text = body.toString('utf8');
  assert.deepEqual(webhook.verify(text, headers), payload, 'what arrived is what was asked for');
  const refused = (what, key, changed, by, why) => {
    assert.throws(() => new Webhook(key).verify(changed, by), why, `${what} was not refused`);
    console.log(`refused: ${what}`);
  };
  console.log('accepted: what arrived');
  refused('another byte in the body', secret, text.replace('42', '43'), headers, /No matching/);
  refused('another id', secret, text, { ...headers, 'webhook-id': 'run-other' }, /No matching/);
  refused('another secret', newSecret(), text, headers, /No matching/);
  refused('an old instant', secret, text, dated(headers, text, secret, -600), /too old/);
  refused('an instant to come', secret, text, dated(headers, text, secret, 600), /too new/);
  // The same changes, back again: what was refused was the change, not the way it was made.
  webhook.verify(text, dated(headers, text, secret, 0));
}

function newSecret() {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

async function fire(server, sink) {
  const secret = newSecret();
  const payload = { invoice: 42, to: 'Zoë', amount: '12.50' };
  await ask('PUT', `${server.url}/v1/secrets/interop`, { value: secret });
  await ask('POST', `${server.url}/v1/tasks`, {
    id: 'interop',
    schedule: { delay: '100ms' },
    target: { kind: 'http', url: sink.url, signing_secret: 'interop' },
    payload,
  });
  check(await within('the webhook', sink.arrived), secret, payload);
}

const folder = mkdtempSync(join(tmpdir(), 'hourwheel-interop-'));
const sink = await startSink();
let server;
try {
  server = await startServer(process.argv[2], join(folder, 'data'));
  await fire(server, sink);
  server.running.kill('SIGTERM');
  assert.equal(await within('the end of the server', server.ended), 0, 'a clean stop');
} finally {
  server?.running.kill('SIGKILL');
  sink.http.closeAllConnections();
  sink.http.close();
  rmSync(folder, { recursive: true, force: true });
}
