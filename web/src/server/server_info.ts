// GET /v1/server, as far as the page shows it.
export interface ServerInfo {
  version: string;
  commit: string;
  tzdata_version: string;
  started_at: string;
  io_backend: string;
  shards: number;
  reactors: number;
  scheme: string;
  dev: boolean;
  ready: boolean;
  draining: boolean;
  durability: string;
  limits: Record<string, number>;
  features: string[];
  storage: {
    state: "ok" | "low" | "full";
    free_bytes: number;
    volume_bytes: number;
    reserve_bytes: number;
    ballast_bytes: number;
  };
}

export const kFeatures: Record<string, string> = {
  api_keys: "requests need a key",
  client_certificates: "clients need a certificate",
  completion: "targets can report later how an attempt ended",
  require_if_match: "changes must name the version that they change",
};

export const kLimits: Record<string, string> = {
  body_bytes: "body of a request",
  page_size: "rows of a page",
  batch_operations: "operations of a batch",
  payload_bytes: "payload of a task",
  run_payload_bytes: "payload of a run that has one of its own",
  run_payloads_bytes_per_task: "payloads of a task's open runs together",
  labels: "labels of a task",
  open_runs_per_task: "open runs of a task",
  backfill_instants: "due times of one backfill",
  pauses_in_force: "pauses of many tasks at once",
  api_keys: "API keys",
  secrets: "secrets",
};
