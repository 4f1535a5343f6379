// The audit log's entries that match, newest first, with what of it cannot be read.
import { useState } from "preact/hooks";
import { call } from "../api/client.ts";
import { type Paged, usePaged } from "../view/paged.ts";
import type { AuditEntry, AuditPage } from "./audit_entry.ts";

export interface AuditList extends Paged<AuditEntry> {
  damaged: string[];
}

export function useAudit(filter: Record<string, string>): AuditList {
  const [damaged, setDamaged] = useState<string[]>([]);
  const list = usePaged<AuditEntry>(async (token, signal) => {
    const { body } = await call<AuditPage>("GET", "/v1/audit", { query: { ...filter, page_token: token }, signal });
    setDamaged((before) => [...new Set([...(token ? before : []), ...(body.damaged ?? [])])]);
    return { rows: body.entries, next: body.next_page_token };
  }, JSON.stringify(filter));
  return { ...list, damaged };
}
