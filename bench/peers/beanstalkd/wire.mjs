// The part of beanstalkd's protocol that is needed here: commands go out in order, answers come back
// in order, so any number may be under way on one connection.
import net from 'node:net';

export class Beanstalk {
  #socket;
  #waiting = [];
  #first = 0; // of #waiting; what is before it has been answered
  #bytes = Buffer.alloc(0);

  static connect(path) {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ path }, () => resolve(new Beanstalk(socket)));
      socket.once('error', reject);
    });
  }

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('close', () => this.#waiting.slice(this.#first).forEach(({ reject }) => reject(new Error('closed'))));
  }

  put(delaySeconds, body) {
    const size = Buffer.byteLength(body);
    return this.#ask(`put 0 ${delaySeconds} 120 ${size}\r\n${body}\r\n`, 'INSERTED');
  }

  // Waits until a job is ready; gives { id, body }.
  reserve() {
    return this.#ask('reserve\r\n', 'RESERVED');
  }

  delete(id) {
    return this.#ask(`delete ${id}\r\n`, 'DELETED');
  }

  close() {
    this.#socket.destroy();
  }

  #ask(command, wanted) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ wanted, resolve, reject });
      this.#socket.write(command);
    });
  }

  #read(bytes) {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    let at = 0;
    for (let line = this.#line(at); line; line = this.#line(at)) {
      let body;
      if (line.words[0] === 'RESERVED') {
        const size = Number(line.words[2]);
        if (this.#bytes.length < line.end + size + 2) break;
        body = this.#bytes.toString('utf8', line.end, line.end + size);
        line.end += size + 2;
      }
      at = line.end;
      this.#answer(line.words, body);
    }
    this.#bytes = this.#bytes.subarray(at);
  }

  #line(at) {
    const end = this.#bytes.indexOf('\r\n', at);
    return end < 0 ? null : { words: this.#bytes.toString('latin1', at, end).split(' '), end: end + 2 };
  }

  #answer(words, body) {
    const { wanted, resolve, reject } = this.#waiting[this.#first];
    this.#first += 1;
    if (this.#first === this.#waiting.length) {
      this.#waiting = [];
      this.#first = 0;
    }
    if (words[0] === wanted) resolve({ id: words[1], body });
    else reject(new Error(`beanstalkd answered ${words.join(' ')}`));
  }
}
