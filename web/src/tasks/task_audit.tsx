// Who changed this task, and when.
import { AuditRows } from "../audit/audit_rows.tsx";
import { useAudit } from "../audit/use_audit.ts";
import { Empty } from "../view/notice.tsx";

export function TaskAudit({ id }: { id: string }) {
  const list = useAudit({ task_id: id });
  return (
    <section aria-label="Audit">
      <AuditRows list={list}>
        <Empty>No entry of it is kept any more.</Empty>
      </AuditRows>
    </section>
  );
}
