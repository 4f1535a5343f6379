// One attempt: how it ended, how long its parts took, and the response. Unfolded where it went wrong.
import type { Attempt } from "../api/types.ts";
import { Copyable } from "./notice.tsx";
import { lasting, words } from "./text.ts";
import { Time } from "./time.tsx";

export function AttemptView({ attempt }: { attempt: Attempt }) {
  const headers = Object.entries(attempt.response_headers ?? {});
  const parts: string[] = [];
  if (attempt.connection_reused) parts.push("connection kept");
  if (attempt.connect_ms !== undefined) parts.push(`connected in ${lasting(attempt.connect_ms)}`);
  if (attempt.tls_ms !== undefined) parts.push(`TLS in ${lasting(attempt.tls_ms)}`);
  if (attempt.ttfb_ms !== undefined) parts.push(`first byte after ${lasting(attempt.ttfb_ms)}`);
  return (
    <details class="attempt" open={attempt.outcome !== "responded" || (attempt.status_code ?? 0) >= 300}>
      <summary>
        <strong>Attempt {attempt.number}</strong>{" "}
        {attempt.status_code !== undefined ? <code>{attempt.status_code}</code> : words(attempt.outcome)}{" "}
        <Time at={attempt.started_at} relative="no" />{" "}
        {attempt.duration_ms !== undefined && <span class="faint">took {lasting(attempt.duration_ms)}</span>}
      </summary>
      {attempt.error && <p>{attempt.error.message}</p>}
      <p class="faint">
        {words(attempt.outcome)}
        {attempt.remote_addr ? ` · ${attempt.remote_addr}` : ""}
        {parts.length > 0 ? ` · ${parts.join(" · ")}` : ""}
      </p>
      {headers.length > 0 && <Copyable text={headers.map(([name, value]) => `${name}: ${value}`).join("\n")} />}
      {attempt.response_body !== undefined && <Copyable text={attempt.response_body} />}
      {attempt.response_body_base64 !== undefined && <Copyable text={attempt.response_body_base64} label="Copy base64" />}
      {attempt.truncated && <p class="faint">Only the first 4 KiB are kept.</p>}
    </details>
  );
}
