// A small scheduler as many begin: Express 4, better-sqlite3, and a poll ten times a second.
//
//   POST /tasks {id, target, due, payload}     201 once it is in SQLite (WAL, synchronous=FULL)
//
// The executor takes what is due, up to 1,000 a poll, marks it as running in one transaction, sends
// each with Node's own HTTP agent, and writes an execution row when the answer is there.
import http from 'node:http';
import path from 'node:path';
import Database from 'better-sqlite3';
import express from 'express';
import { headersOf } from '../node/attempt.mjs';

const POLL_MS = 100;
const A_POLL = 1000;

const db = new Database(path.join(process.argv[2], 'tasks.db'));
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`
  CREATE TABLE tasks (id TEXT PRIMARY KEY, target TEXT, due INTEGER, payload TEXT, status TEXT);
  CREATE INDEX tasks_by_due ON tasks (status, due);
  CREATE TABLE executions (task_id TEXT, due INTEGER, started INTEGER, ended INTEGER, status INTEGER);
`);
const insertTask = db.prepare(`INSERT INTO tasks VALUES (?, ?, ?, ?, 'waiting')`);
const selectDue = db.prepare(
  `SELECT id, target, due, payload FROM tasks WHERE status = 'waiting' AND due <= ? ORDER BY due LIMIT ?`,
);
const setStatus = db.prepare('UPDATE tasks SET status = ? WHERE id = ?');
const insertExecution = db.prepare('INSERT INTO executions VALUES (?, ?, ?, ?, ?)');

const takeDue = db.transaction((now) => {
  const due = selectDue.all(now, A_POLL);
  for (const task of due) setStatus.run('running', task.id);
  return due;
});
const record = db.transaction((task, started, status) => {
  insertExecution.run(task.id, task.due, started, Date.now(), status);
  setStatus.run(status < 300 ? 'done' : 'failed', task.id);
});

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

function send(task) {
  const started = Date.now();
  const headers = { ...headersOf(task.id, task.due), 'content-length': Buffer.byteLength(task.payload) };
  const request = http.request(task.target, { method: 'POST', agent, headers }, (answer) => {
    answer.resume();
    answer.on('end', () => record(task, started, answer.statusCode));
  });
  request.on('error', () => record(task, started, 599));
  request.end(task.payload);
}

setInterval(() => takeDue(Date.now()).forEach(send), POLL_MS);

const app = express();
app.disable('x-powered-by');
app.set('etag', false);
app.post('/tasks', express.json(), (request, answer) => {
  const { id, target, due, payload } = request.body;
  if (typeof id !== 'string' || typeof target !== 'string' || !Number.isInteger(due)) {
    answer.status(400).json({ error: 'id, target and due are needed' });
    return;
  }
  insertTask.run(id, target, due, payload);
  answer.status(201).json({ id, target, due, payload, status: 'waiting' });
});
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`listening on 127.0.0.1:${server.address().port}`);
});
