// worker.mjs FOLDER TARGET: the service that Restate calls when a task is due, registered at the admin
// socket. It sends an attempt; that it has returned is what Restate records.
import http2 from 'node:http2';
import * as restate from '@restatedev/restate-sdk';
import { Pool, attemptsTo } from '../node/attempt.mjs';

const [folder, target] = process.argv.slice(2);
const send = attemptsTo(target);
const calls = restate.service({
  name: 'calls',
  handlers: { one: async (ctx, task) => send(task) },
});

const server = http2.createServer(restate.createEndpointHandler({ services: [calls] }));
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const admin = new Pool('http://restate', { socketPath: `${folder}/admin.sock` });
const { statusCode, body } = await admin.request({
  method: 'POST',
  path: '/deployments',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ uri: `http://127.0.0.1:${server.address().port}` }),
});
const answer = await body.text();
if (statusCode >= 300) throw new Error(`not registered: ${statusCode} ${answer}`);
console.log('listening on nothing');
