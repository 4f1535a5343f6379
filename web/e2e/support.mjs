// A real server and a target for its runs, and Debian's Chromium to look at it with.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const kProgram = process.env.HOURWHEEL ?? join(here, "../../build/dev/hourwheel");
const kBrowser = process.env.CHROMIUM ?? "/usr/bin/chromium";

// A server on a folder and a port of its own; stopped and started again at the same place.
export class TestServer {
  static async start(args = []) {
    const server = new TestServer();
    server.args = args;
    server.folder = await mkdtemp(join(tmpdir(), "hourwheel-ui-"));
    await server.begin("127.0.0.1:0");
    return server;
  }
  async begin(listen) {
    const args = ["serve", "--dev", "--data", join(this.folder, "data"), "--listen", listen, ...this.args];
    this.process = spawn(kProgram, args, { stdio: ["ignore", "pipe", "pipe"] });
    let errors = "";
    this.process.stderr.on("data", (text) => (errors += text));
    this.exited = new Promise((resolve) => this.process.on("exit", resolve));
    this.url = await new Promise((resolve, reject) => {
      let out = "";
      this.process.stdout.on("data", (text) => {
        out += text;
        const found = /listening on (\S+)\n/.exec(out);
        if (found) resolve(`http://${found[1].replace(/^https?:\/\//, "")}`);
      });
      void this.exited.then((code) => reject(new Error(`the server ended with ${code}: ${errors}`)));
    });
  }
  async stop() {
    this.process.kill("SIGTERM");
    await this.exited;
  }
  async restart(while_down = async () => {}) {
    const listen = new URL(this.url).host;
    await this.stop();
    await while_down();
    await this.begin(listen);
  }
  async end() {
    await this.stop();
    await rm(this.folder, { recursive: true });
  }
  async call(method, path, body) {
    const init = { method };
    if (body !== undefined) {
      init.headers = { "Content-Type": typeof body === "string" ? "application/x-ndjson" : "application/json" };
      init.body = typeof body === "string" ? body : JSON.stringify(body);
    }
    const response = await fetch(this.url + path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }
}

// Answers by path: /ok with 200, /fail with 500, /gone with 410, /slow after three seconds.
export async function startTarget() {
  const target = createServer((request, response) => {
    request.resume();
    const answer = (status, body) => {
      response.writeHead(status, { "Content-Type": "text/plain", "X-Request-Id": "target-7f3a" });
      response.end(body);
    };
    if (request.url.startsWith("/fail")) return answer(500, "out of paper");
    if (request.url.startsWith("/gone")) return answer(410, "never again");
    if (request.url.startsWith("/slow")) return void setTimeout(() => answer(200, "late"), 3_000);
    return answer(200, "done");
  });
  await new Promise((resolve) => target.listen(0, "127.0.0.1", resolve));
  target.url = `http://127.0.0.1:${target.address().port}`;
  return target;
}

// In front of a server, which then is reached under /scheduler/.
export async function startProxy(server) {
  const proxy = createServer((request, response) => {
    const path = request.url.replace(/^\/scheduler/, "");
    const onward = { method: request.method, headers: request.headers }; // the Host as it came
    const out = httpRequest(server.url + path, onward, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    out.on("error", () => response.destroy());
    response.on("close", () => out.destroy());
    request.pipe(out);
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  proxy.url = `http://127.0.0.1:${proxy.address().port}/scheduler`;
  return proxy;
}

export function openBrowser() {
  return chromium.launch({ executablePath: kBrowser, args: ["--no-sandbox", "--disable-gpu"] });
}

// A page whose scripts' errors, and requests to anywhere else, fail the test that asks for them.
export async function openPage(browser, server, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource|ERR_CONNECTION/.test(message.text())) {
      page.faults.push(message.text());
    }
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(server.url) && !url.startsWith("data:")) page.faults.push(`asked for ${url}`);
  });
  return page;
}
