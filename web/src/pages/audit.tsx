// The audit log: every change that somebody made, for 90 days; taken along, and checked.
import { useState } from "preact/hooks";
import { call, urlOf } from "../api/client.ts";
import type { AuditEntry, AuditPage } from "../view/audit_entry.ts";
import { AuditTable } from "../view/audit_table.tsx";
import { AuditVerify } from "../view/audit_verify.tsx";
import { More } from "../view/more.tsx";
import { Empty, Loading, ProblemNotice } from "../view/notice.tsx";
import { usePaged } from "../view/paged.ts";
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
  const [damaged, setDamaged] = useState<string[]>([]);
  const list = usePaged<AuditEntry>(async (token, signal) => {
    const { body } = await call<AuditPage>("GET", "/v1/audit", { query: { ...filter, page_token: token }, signal });
    setDamaged((before) => [...new Set([...(token ? before : []), ...(body.damaged ?? [])])]);
    return { rows: body.entries, next: body.next_page_token };
  }, JSON.stringify(filter));
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
      {damaged.length > 0 && <Damaged what={damaged} />}
      {list.problem && <ProblemNotice problem={list.problem} retry={list.again} />}
      {list.rows.length > 0 && <AuditTable entries={list.rows} />}
      {list.rows.length === 0 && list.loading && <Loading what="the audit log" />}
      {list.rows.length === 0 && !list.loading && list.ended && (
        <Empty command="hourwheel audit list --all">
          {kFilters.some((name) => filter[name]) ? "No entry matches." : "Nobody has changed anything in the last 90 days."}
        </Empty>
      )}
      {(list.rows.length > 0 || !list.ended) && !list.problem && <More list={list} word="change" />}
      <AuditVerify />
    </>
  );
}

function Damaged({ what }: { what: string[] }) {
  return (
    <div class="notice bad" role="alert">
      <p>
        <strong>Some entries cannot be read and are left out:</strong>
      </p>
      <ul>
        {what.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </div>
  );
}
