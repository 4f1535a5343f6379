// What an operator does with a running server: log more, write a backup, stop it.
import { useState } from "preact/hooks";
import { call, Problem } from "../api/client.ts";
import { Confirm } from "../view/confirm.tsx";
import { SelectField, TextField } from "../view/field.tsx";
import { useLoad } from "../view/load.ts";
import { Loading, ProblemNotice } from "../view/notice.tsx";
import { sizeText } from "../view/text.ts";
import type { ServerInfo } from "./server_info.ts";

const kLevels: [string, string][] = [
  ["debug", "debug: every request and every failed attempt, too"],
  ["info", "info"],
  ["warning", "warning"],
  ["error", "error"],
];

export function LogLevel() {
  const loaded = useLoad(
    async (signal) => (await call<{ level: string }>("GET", "/v1/admin/log-level", { signal })).body.level,
    "log-level",
  );
  const [problem, setProblem] = useState<Error>();
  const [told, setTold] = useState("");
  const change = async (level: string) => {
    setProblem(undefined);
    try {
      const { body } = await call<{ level: string }>("PUT", "/v1/admin/log-level", { body: { level } });
      loaded.set(() => body.level);
      setTold(`The server logs from ${body.level} on, until its next start.`);
    } catch (error) {
      setProblem(error as Error);
      loaded.again();
    }
  };
  const wrong = problem ?? loaded.problem;
  return (
    <section>
      <h2>Log level</h2>
      {wrong && <ProblemNotice problem={wrong} retry={loaded.again} />}
      {loaded.value === undefined && !wrong && <Loading what="the log level" />}
      {loaded.value !== undefined && (
        <SelectField
          label="Least level that is logged"
          hint="Until the next start of the server"
          value={loaded.value}
          choices={kLevels}
          change={(level) => void change(level)}
        />
      )}
      <p aria-live="polite" class="faint">
        {told}
      </p>
    </section>
  );
}

interface BackupFile {
  path: string;
  bytes: number;
}

export function Backup() {
  const [path, setPath] = useState("");
  const [busy, setBusy] = useState(false);
  const [files, setFiles] = useState<BackupFile[]>();
  const [problem, setProblem] = useState<Error>();
  const write = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFiles(undefined);
    setProblem(undefined);
    try {
      const { body } = await call<{ files: BackupFile[] }>("POST", "/v1/admin/backup", { body: { path } });
      setFiles(body.files);
    } catch (error) {
      setProblem(error as Error);
    }
    setBusy(false);
  };
  return (
    <section>
      <h2>Backup</h2>
      <p>A copy of the data is written on the server's own machine while it runs: one file a shard.</p>
      <form onSubmit={(event) => void write(event)}>
        <TextField
          label="Path"
          hint="Absolute, such as /var/backups/today; the files get .0, .1 … behind it and must not be there yet"
          required
          value={path}
          change={setPath}
          error={problem instanceof Problem ? problem.at("/path") : undefined}
        />
        <div class="buttons">
          <button type="submit" disabled={busy}>
            {busy ? "Writing …" : "Write a backup"}
          </button>
        </div>
      </form>
      {problem && <ProblemNotice problem={problem} />}
      <div aria-live="polite">
        {files && (
          <>
            <p>Written on the server's machine:</p>
            <ul>
              {files.map((file) => (
                <li key={file.path}>
                  <code>{file.path}</code> {sizeText(file.bytes)}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </section>
  );
}

// It may be gone before it can say that it stops: what was asked for holds until another start of it.
export function Drain({ server, asked }: { server: ServerInfo; asked: () => void }) {
  const [open, setOpen] = useState(false);
  const [stopped, setStopped] = useState("");
  const run = async () => {
    await call("POST", "/v1/admin/drain", { body: {} });
    setStopped(server.started_at);
    asked();
  };
  return (
    <section>
      <h2>Stop</h2>
      {server.draining || stopped === server.started_at ? (
        <p role="status">The server is stopping; that cannot be called off.</p>
      ) : (
        <div class="buttons">
          <button type="button" class="danger" onClick={() => setOpen(true)}>
            Drain and stop …
          </button>
        </div>
      )}
      {open && (
        <Confirm title="Stop this server" action="Drain and stop" danger run={run} close={() => setOpen(false)}>
          <p>
            It takes no new connections and starts no runs, waits up to 30 s for the attempts in flight, and ends. This
            cannot be called off, and this page will not reach it any more.
          </p>
          <p>Nothing runs until it is started again; then misfire policies say what of the missed times runs.</p>
        </Confirm>
      )}
    </section>
  );
}
