// What is sent: JSON as it is typed, text, or bytes in base64.
import { kPayloadKinds, type Payload, type PayloadKind } from "./definition.ts";
import { errorsAt, kPayloadPointers } from "./errors.ts";
import { idOf, Notes } from "./field_view.tsx";
import type { FormProps } from "./form_props.ts";
import { Tabs } from "./tabs.tsx";

const kNames: Record<PayloadKind, string> = { none: "None", json: "JSON", text: "Text", base64: "Base64" };
const kHints: Record<PayloadKind, string> = {
  none: "",
  json: "Sent byte for byte as it stands here",
  text: "Sent as UTF-8",
  base64: "Bytes of any kind, with padding",
};
const kTypes = { text: "text/plain; charset=utf-8", base64: "application/octet-stream" };

export function PayloadView({ form, change, errors }: FormProps) {
  const { payload } = form;
  const set = (part: Partial<Payload>, pointer: string) => change({ ...form, payload: { ...payload, ...part } }, pointer);
  const wrong = kPayloadPointers.slice(0, 3).flatMap((pointer) => errorsAt(errors, pointer));
  const wrongType = errorsAt(errors, "/content_type");
  const id = idOf("/payload");
  const typeId = idOf("/content_type");
  const pointer = payload.kind === "text" || payload.kind === "base64" ? `/payload_${payload.kind}` : "/payload";
  return (
    <>
      <Tabs
        label="Kind of payload"
        names={kPayloadKinds.map((kind) => [kind, kNames[kind]])}
        chosen={payload.kind}
        choose={(kind) => set({ kind }, pointer)}
      />
      {payload.kind !== "none" && (
        <div class="field">
          <label for={id}>Payload as {kNames[payload.kind]}</label>
          <textarea
            id={id}
            class="code"
            rows={8}
            spellcheck={false}
            aria-invalid={wrong.length > 0 ? "true" : undefined}
            aria-describedby={[`${id}-hint`, wrong.length > 0 ? `${id}-error` : ""].join(" ").trim()}
            value={payload.text}
            onInput={(event) => set({ text: event.currentTarget.value }, pointer)}
          />
          <Notes id={id} hint={kHints[payload.kind]} wrong={wrong} />
        </div>
      )}
      {payload.kind === "none" && wrong.length > 0 && <Notes id={id} wrong={wrong} />}
      {(payload.kind === "text" || payload.kind === "base64") && (
        <div class="field">
          <label for={typeId}>Content type</label>
          <input
            id={typeId}
            type="text"
            autocomplete="off"
            placeholder={kTypes[payload.kind]}
            aria-invalid={wrongType.length > 0 ? "true" : undefined}
            aria-describedby={wrongType.length > 0 ? `${typeId}-error` : undefined}
            value={payload.contentType}
            onInput={(event) => set({ contentType: event.currentTarget.value }, "/content_type")}
          />
          <Notes id={typeId} wrong={wrongType} />
        </div>
      )}
    </>
  );
}
