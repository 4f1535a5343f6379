// What the audit log has of something, by pages.
import type { ComponentChildren } from "preact";
import { More } from "../view/more.tsx";
import { Loading, ProblemNotice } from "../view/notice.tsx";
import { AuditTable } from "./audit_table.tsx";
import type { AuditList } from "./use_audit.ts";

export function AuditRows({ list, children }: { list: AuditList; children: ComponentChildren }) {
  const some = list.rows.length > 0;
  return (
    <>
      {list.damaged.length > 0 && <Damaged what={list.damaged} />}
      {list.problem && <ProblemNotice problem={list.problem} retry={list.again} />}
      {some && <AuditTable entries={list.rows} />}
      {!some && list.loading && <Loading what="the audit log" />}
      {!some && !list.loading && list.ended && children}
      {(some || !list.ended) && !list.problem && <More list={list} word="change" />}
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
