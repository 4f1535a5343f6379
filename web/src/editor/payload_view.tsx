// What is sent: JSON as it is typed, text, or bytes in base64.
import { Field, Notes } from "../view/field.tsx";
import { kPayloadKinds, type Payload, type PayloadKind } from "./definition.ts";
import { errorAt } from "./errors.ts";
import { idOf } from "./field_view.tsx";
import type { FormProps } from "./form_props.ts";
import { Tabs } from "../view/tabs.tsx";

const kNames: Record<PayloadKind, string> = { none: "None", json: "JSON", text: "Text", base64: "Base64" };
const kHints: Record<PayloadKind, string> = {
  none: "",
  json: "Sent byte for byte as it stands here",
  text: "Sent as UTF-8",
  base64: "Bytes of any kind, with padding",
};
const kTypes: Partial<Record<PayloadKind, string>> = { text: "text/plain; charset=utf-8", base64: "application/octet-stream" };

export function PayloadView({ form, change, errors }: FormProps) {
  const { payload } = form;
  const set = (part: Partial<Payload>, pointer: string) => change({ ...form, payload: { ...payload, ...part } }, pointer);
  const error = errorAt(errors, "/payload", "/payload_text", "/payload_base64");
  const id = idOf("/payload");
  const usualType = kTypes[payload.kind];
  const pointer = payload.kind === "text" || payload.kind === "base64" ? `/payload_${payload.kind}` : "/payload";
  return (
    <>
      <Tabs
        label="Kind of payload"
        names={kPayloadKinds.map((kind) => [kind, kNames[kind]])}
        chosen={payload.kind}
        choose={(kind) => set({ kind }, pointer)}
      />
      {payload.kind === "none" ? (
        <Notes id={id} error={error} />
      ) : (
        <Field id={id} label={`Payload as ${kNames[payload.kind]}`} hint={kHints[payload.kind]} error={error}>
          {(control) => (
            <textarea
              {...control}
              class="code"
              rows={8}
              spellcheck={false}
              value={payload.text}
              onInput={(event) => set({ text: event.currentTarget.value }, pointer)}
            />
          )}
        </Field>
      )}
      {usualType && (
        <Field id={idOf("/content_type")} label="Content type" error={errorAt(errors, "/content_type")}>
          {(control) => (
            <input
              {...control}
              type="text"
              autocomplete="off"
              placeholder={usualType}
              value={payload.contentType}
              onInput={(event) => set({ contentType: event.currentTarget.value }, "/content_type")}
            />
          )}
        </Field>
      )}
    </>
  );
}
