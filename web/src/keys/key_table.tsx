// API keys in rows: what each may do, what bounds it, when it was used.
import { hrefTo } from "../place.ts";
import { now } from "../state/clock.ts";
import { may, session } from "../state/session.ts";
import { quotaText, rateText, type KeyRow } from "./key_facts.ts";
import { labelText } from "../view/label_lines.ts";
import { Time } from "../view/time.tsx";

export function KeyTable({ keys, revoke }: { keys: KeyRow[]; revoke: (key: KeyRow) => void }) {
  return (
    <div class="wide" tabIndex={0} role="region" aria-label="API keys">
      <table>
        <caption class="hidden">API keys, without their secrets</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">May</th>
            <th scope="col">Bounds</th>
            <th scope="col">Expires</th>
            <th scope="col">Last used</th>
            <th scope="col">Made</th>
            <th scope="col">Revoke</th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <KeyLine key={key.id} row={key} revoke={revoke} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

// A key is only revoked by one that has its scopes.
function mayRevoke(row: KeyRow): boolean {
  return row.scopes.every((scope) => may(scope));
}

function KeyLine({ row, revoke }: { row: KeyRow; revoke: (key: KeyRow) => void }) {
  const over = row.expires_at !== undefined && Date.parse(row.expires_at) <= now.value;
  return (
    <tr>
      <th scope="row" class="name">
        {row.name} {row.id === session.value?.key?.id && <span class="faint">(this session)</span>}
        <br />
        <code class="faint">{row.id}</code>
        {may("audit:read") && (
          <>
            {" "}
            <a href={hrefTo(["audit"], { key_id: row.id })}>
              audit<span class="hidden"> of {row.name}</span>
            </a>
          </>
        )}
      </th>
      <td class="what">{row.scopes.join(", ")}</td>
      <td class="what">
        <BoundsOf row={row} />
      </td>
      <td>
        {over && <span class="badge bad">✕ expired</span>} {row.expires_at ? <Time at={row.expires_at} /> : "never"}
      </td>
      <td>{row.last_used_at ? <Time at={row.last_used_at} relative="only" /> : <span class="faint">not yet</span>}</td>
      <td>
        <Time at={row.created_at} relative="no" />
        {row.created_by && (
          <>
            {" "}
            <span class="faint">
              by <code>{row.created_by}</code>
            </span>
          </>
        )}
      </td>
      <td>
        {mayRevoke(row) ? (
          <button type="button" class="danger" onClick={() => revoke(row)}>
            Revoke<span class="hidden"> {row.name}</span>
          </button>
        ) : (
          <span class="faint">has more scopes than yours</span>
        )}
      </td>
    </tr>
  );
}

function BoundsOf({ row }: { row: KeyRow }) {
  const bounds = [
    row.selection && `tasks with ${labelText(row.selection)}`,
    row.networks && row.networks.length > 0 && `from ${row.networks.join(", ")}`,
    row.rate_limit && rateText(row.rate_limit),
    row.quotas && quotaText(row.quotas),
  ].filter(Boolean);
  return bounds.length > 0 ? <>{bounds.join(" · ")}</> : <span class="faint">none</span>;
}
