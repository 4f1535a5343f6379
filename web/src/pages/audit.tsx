// The audit log: every change that somebody made, for 90 days; taken along, and checked.
import { urlOf } from "../api/client.ts";
import { AuditRows } from "../audit/audit_rows.tsx";
import { AuditVerify } from "../audit/audit_verify.tsx";
import { useAudit } from "../audit/use_audit.ts";
import { Empty } from "../view/notice.tsx";
import { ClearFilters, queried, QueryField, QueryInstant } from "../view/query_field.tsx";
import { isNarrowed } from "../view/reach.ts";

const kFilters = ["task_id", "key_id", "after", "before"];

export function AuditLog() {
  if (!isNarrowed()) return <Log />;
  return (
    <>
      <h1>Audit</h1>
      <div class="notice warn">
        <p>Your key is for some of the tasks; the audit log is of all, and closed to it.</p>
      </div>
    </>
  );
}

function Log() {
  const filter = Object.fromEntries(kFilters.map((name) => [name, queried(name)]));
  const list = useAudit(filter);
  return (
    <>
      <h1>Audit</h1>
      <div class="fields" role="search">
        <QueryField name="task_id" label="Task" />
        <QueryField name="key_id" label="Done with the key" hint="a key's id" />
        <QueryInstant name="after" label="From" />
        <QueryInstant name="before" label="Before" />
      </div>
      <div class="toolbar">
        <button type="button" disabled={list.loading} onClick={list.again}>
          Look again
        </button>
        <ClearFilters names={kFilters} />
        <a href={urlOf("/v1/audit:export", filter)} download="audit.ndjson">
          Export what matches (lines of JSON)
        </a>
      </div>
      <AuditRows list={list}>
        <Empty command="hourwheel audit list --all">
          {kFilters.some((name) => filter[name]) ? "No entry matches." : "Nobody has changed anything in the last 90 days."}
        </Empty>
      </AuditRows>
      <AuditVerify />
    </>
  );
}
