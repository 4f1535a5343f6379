// The whole definition as text, and the command that does what saving would.
import { urlOf } from "../api/client.ts";
import { session } from "../state/session.ts";
import { curlOf } from "../view/curl.ts";
import { Field } from "../view/field.tsx";
import { Copyable } from "../view/notice.tsx";

interface RawViewProps {
  text: string;
  set: (text: string) => void;
  wrong: string | undefined;
}

export function RawView({ text, set, wrong }: RawViewProps) {
  return (
    <Field
      label="Definition as JSON"
      hint="It is sent as it stands here. Members that the form does not know are kept."
      error={wrong}
    >
      {(control) => (
        <textarea
          {...control}
          class="code"
          rows={28}
          spellcheck={false}
          value={text}
          onInput={(event) => set(event.currentTarget.value)}
        />
      )}
    </Field>
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
