// The whole definition as text, and the command that does what saving would.
import { urlOf } from "../api/client.ts";
import { session } from "../state/session.ts";
import { Copyable } from "../view/notice.tsx";
import { curlOf } from "./curl.ts";

interface RawViewProps {
  text: string;
  set: (text: string) => void;
  wrong: string | undefined;
}

export function RawView({ text, set, wrong }: RawViewProps) {
  return (
    <div class="field">
      <label for="definition">Definition as JSON</label>
      <textarea
        id="definition"
        class="code"
        rows={28}
        spellcheck={false}
        aria-invalid={wrong ? "true" : undefined}
        aria-describedby={wrong ? "definition-error" : "definition-hint"}
        value={text}
        onInput={(event) => set(event.currentTarget.value)}
      />
      <small id="definition-hint" class="faint">
        It is sent as it stands here. Members that the form does not know are kept.
      </small>
      {wrong && (
        <small id="definition-error" class="wrong">
          <span aria-hidden="true">✕ </span>
          {wrong}
        </small>
      )}
    </div>
  );
}

interface CurlViewProps {
  text: string;
  id: string | undefined; // of a task that is there
  etag: string;
}

export function CurlView({ text, id, etag }: CurlViewProps) {
  const withKey = session.value?.keys_required ?? false;
  const path = id === undefined ? "/v1/tasks" : `/v1/tasks/${encodeURIComponent(id)}`;
  const method = id === undefined ? "POST" : "PUT";
  return (
    <>
      <p>
        This does what “Save” would.
        {withKey && (
          <>
            {" "}
            It takes your API key from <code>HOURWHEEL_TOKEN</code>.
          </>
        )}
      </p>
      <Copyable text={curlOf({ method, url: urlOf(path), body: text, ifMatch: id && etag, withKey })} />
    </>
  );
}
