// One attempt: how it ended, how long its parts took, and the response.
import type { Attempt } from "../api/types.ts";
import { lasting, words } from "../view/text.ts";

export function AttemptView({ attempt }: { attempt: Attempt }) {
  const { status_code: status, response_headers: headers, response_body: body, response_body_base64: bytes } = attempt;
  return (
    <div class="attempt">
      <dl>
        <Fact name="Outcome" value={words(attempt.outcome)} />
        <Fact name="Status" value={status} />
        <Fact name="Error" value={attempt.error?.message} />
        <Fact name="Took" value={span(attempt.duration_ms)} />
        <Fact name="Connecting" value={span(attempt.connect_ms)} />
        <Fact name="TLS handshake" value={span(attempt.tls_ms)} />
        <Fact name="First byte after" value={span(attempt.ttfb_ms)} />
        <Fact name="Address" value={attempt.remote_addr} />
        {Object.entries(headers ?? {}).map(([name, value]) => (
          <Fact key={name} name={name} value={value} />
        ))}
      </dl>
      {(body ?? bytes) && (
        <>
          <p class="faint">
            Response{bytes ? " in base64" : ""}
            {attempt.truncated ? ", its beginning" : ""}
          </p>
          <pre tabIndex={0}>{body ?? bytes}</pre>
        </>
      )}
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string | number | undefined }) {
  if (value === undefined || value === "") return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function span(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : lasting(ms);
}
