import { Redis } from 'ioredis';

// As BullMQ's documentation asks of a worker's connection: wait for ever rather than give up.
export function connectTo(socket) {
  return new Redis({ path: socket, maxRetriesPerRequest: null });
}
