// Who changed what, in rows.
import { hrefTo } from "../place.ts";
import { shortDigest, type AuditEntry } from "./audit_entry.ts";
import { words } from "../view/text.ts";
import { Time } from "../view/time.tsx";

export function AuditTable({ entries }: { entries: AuditEntry[] }) {
  return (
    <div class="wide" tabIndex={0} role="region" aria-label="Audit log">
      <table>
        <caption class="hidden">Changes, newest first</caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">What was done</th>
            <th scope="col">To what</th>
            <th scope="col">By whom</th>
            <th scope="col">Note</th>
            <th scope="col">Definition</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td>
                <Time at={entry.at} relative="no" />
              </td>
              <td>
                <strong title={entry.id}>{words(entry.action)}</strong>
              </td>
              <td class="what">
                <Touched entry={entry} />
              </td>
              <td>
                <Actor entry={entry} />
              </td>
              <td class="what">{entry.note}</td>
              <td>
                <Digests entry={entry} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Touched({ entry }: { entry: AuditEntry }) {
  const { task_id, run_id, pause_id, key_id, secret_name, version } = entry;
  if (!task_id && !run_id && !pause_id && !key_id && !secret_name) return <span class="faint">the server</span>;
  return (
    <>
      {task_id && (
        <>
          task <a href={hrefTo(["tasks", task_id])}>{task_id}</a>{" "}
        </>
      )}
      {run_id && (
        <>
          run{" "}
          <a href={hrefTo(["runs", run_id])} title={run_id}>
            open<span class="hidden"> {run_id}</span>
          </a>{" "}
        </>
      )}
      {pause_id && (
        <>
          pause <code>{pause_id}</code>{" "}
        </>
      )}
      {key_id && (
        <>
          key <code>{key_id}</code>{" "}
        </>
      )}
      {secret_name && (
        <>
          secret <code>{secret_name}</code>{" "}
        </>
      )}
      {version !== undefined && <span class="faint">version {version}</span>}
    </>
  );
}

function Actor({ entry: { actor } }: { entry: AuditEntry }) {
  const { kind, key_id, address } = actor;
  if (kind === "command_line") return <>command line, on the data folder</>;
  return (
    <>
      {key_id ? (
        <a href={hrefTo(["audit"], { key_id })} title="What was done with this key">
          key <code>{key_id}</code>
        </a>
      ) : (
        "without a key"
      )}
      {address && <span class="faint"> from {address}</span>}
    </>
  );
}

function Digests({ entry: { definition_before: before, definition_after: after } }: { entry: AuditEntry }) {
  if (!before && !after) return <span class="faint">–</span>;
  const short = (digest: string | undefined) => digest ? shortDigest(digest) : "none";
  return (
    <code title={`SHA-256 before: ${before ?? "none"}\nafter: ${after ?? "none"}`}>
      {short(before)} → {short(after)}
    </code>
  );
}
