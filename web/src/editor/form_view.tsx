// The form of a task: what it is, when it is due, what it sends and to whom, and its policies,
// folded.
import { useMemo } from "preact/hooks";
import { Problem } from "../api/client.ts";
import { errorAt } from "./errors.ts";
import { FieldGroup, Fields, Folded } from "./field_group.tsx";
import { kKinds, type ScheduleKind } from "./fields.ts";
import type { FormProps } from "./form_props.ts";
import { PayloadView } from "./payload_view.tsx";
import { PreviewView } from "./preview_view.tsx";
import { Rows } from "./rows_view.tsx";
import { SendTest } from "./send_test.tsx";
import { Tabs } from "../view/tabs.tsx";
import { usePreview } from "./use_preview.ts";
import { type Form, scheduleText, withValue } from "./definition.ts";

const kKindNames: Record<ScheduleKind, string> = {
  cron: "Cron",
  every: "Every",
  at: "At an instant",
  delay: "After a delay",
  rrule: "Recurrence rule",
};

interface FormViewProps extends FormProps {
  storedSchedule: string | undefined; // of a task that is there
}

export function FormView({ storedSchedule, ...props }: FormViewProps) {
  const { form, change } = props;
  const isStored = storedSchedule !== undefined;
  const previewed = usePreview(form);
  // The server keeps a schedule that is not changed, whatever it would say of a new one.
  const kept = isStored && scheduleText(form) === storedSchedule;
  const refused = previewed.problem instanceof Problem && !kept ? previewed.problem.errors : [];
  const ofSchedule = refused.filter((error) => error.pointer.startsWith("#/schedule"));
  const timed = { ...props, errors: [...props.errors, ...ofSchedule] };
  return (
    <>
      <ZoneNames />
      <h2>Task</h2>
      <Fields group="basics" fixed={isStored ? ["/id"] : []} {...props} />
      <Folded title="Labels" filled={form.rows["/labels"].length > 0} wrong={errorAt(props.errors, "/labels") !== undefined}>
        <Rows pointer="/labels" title="Labels" word="label" hint="Names have a-z, 0-9 and _ . -" {...props} />
      </Folded>

      <h2>Schedule</h2>
      <Tabs
        label="Kind of schedule"
        names={kKinds.map((kind) => [kind, kKindNames[kind]])}
        chosen={form.kind}
        choose={(kind) => change({ ...form, kind }, "/schedule")}
      />
      <Fields group="schedule" {...timed} />
      {form.kind === "at" && <InstantPicker {...props} />}
      <FieldGroup title="Options of the schedule" group="options" {...timed} />
      <PreviewView previewed={previewed} zone={zoneOf(form)} besideField={ofSchedule.length > 0} />

      <h2>Target</h2>
      <Fields group="target" {...props} />
      {form.values["/target/kind"] === "http" && <HttpParts {...props} />}
      <h3>Payload</h3>
      <PayloadView {...props} />
      <SendTest form={form} />

      <h2>Policies</h2>
      <FieldGroup title="Retries" group="retry" {...props} />
      <FieldGroup title="Missed and overlapping runs" group="misfire" {...props} />
      <FieldGroup title="Delivery and completion" group="completion" {...props} />
      <FieldGroup title="Callbacks when a run has ended" group="callbacks" {...props} />
    </>
  );
}

// An expression may name its zone itself, and an instant with an offset needs none.
function zoneOf({ kind, values }: Form): string {
  if (kind === "every" || kind === "delay") return "UTC";
  if (kind === "at" && /(z|[+-]\d\d:?\d\d)$/i.test(values["/schedule/at"] ?? "")) return "UTC";
  const inside = kind === "cron" ? /^\s*(?:CRON_)?TZ=(\S+)/.exec(values["/schedule/cron"] ?? "")?.[1] : undefined;
  return inside ?? (values["/schedule/timezone"] || "UTC");
}

function HttpParts(props: FormProps) {
  const headers = props.form.rows["/target/headers"];
  return (
    <>
      <Folded title="Header fields" filled={headers.length > 0} wrong={errorAt(props.errors, "/target/headers") !== undefined}>
        <Rows pointer="/target/headers" title="Header fields" word="header field" {...props} />
      </Folded>
      <FieldGroup title="Timeouts and what counts as success" group="response" {...props} />
      <FieldGroup title="Authentication and signing" group="proof" {...props} />
      <FieldGroup title="TLS" group="tls" {...props} />
      <FieldGroup title="Format, variables and later reports" group="format" {...props} />
    </>
  );
}

// Fills in a local date-time, and the reader's zone where none is said.
function InstantPicker({ form, change }: FormProps) {
  const local = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.exec(form.values["/schedule/at"] ?? "")?.[0] ?? "";
  const pick = (text: string) => {
    if (!text) return;
    const whole = text.length === 16 ? `${text}:00` : text;
    const zone = form.values["/schedule/timezone"] || Intl.DateTimeFormat().resolvedOptions().timeZone;
    change(withValue(withValue(form, "/schedule/at", whole), "/schedule/timezone", zone), "/schedule/at");
  };
  return (
    <div class="fields">
      <div class="field">
        <label for="pick-instant">Pick a date and time</label>
        <input
          id="pick-instant"
          type="datetime-local"
          step="1"
          value={local}
          onChange={(event) => pick(event.currentTarget.value)}
        />
      </div>
    </div>
  );
}

function ZoneNames() {
  const names = useMemo(() => ["UTC", ...Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC")], []);
  return (
    <datalist id="time-zones">
      {names.map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  );
}
