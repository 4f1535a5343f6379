// The audit log as the API tells it.
export interface AuditEntry {
  id: string;
  at: string;
  action: string;
  actor: { kind: "client" | "command_line"; key_id?: string; address?: string };
  task_id?: string;
  pause_id?: string;
  key_id?: string; // that was made or revoked
  secret_name?: string;
  version?: number;
  run_id?: string;
  note?: string;
  definition_before?: string;
  definition_after?: string;
}

// "sha256:2ef9f958c2…" -> its first digits.
export function shortDigest(digest: string): string {
  return digest.replace(/^\w+:/, "").slice(0, 8);
}

export interface AuditPage {
  entries: AuditEntry[];
  damaged?: string[];
  next_page_token?: string;
}

export interface AuditVerdict {
  intact: boolean | null;
  chains: {
    source: string;
    rows: number;
    entries: number;
    first_row: number;
    last_row: number;
    complete: boolean;
    head: string;
    broken: string | null;
  }[];
}
