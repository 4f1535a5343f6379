// What the API answers, as far as the pages use it (openapi.yaml is the contract).
export type TaskState = "active" | "paused" | "completed" | "quarantined";
export type RunState =
  | "pending"
  | "running"
  | "retrying"
  | "succeeded"
  | "dead"
  | "canceled"
  | "skipped"
  | "unknown";
// In the run log a retrying run is listed; the others are only where the server lists what is open.
export function isOpen({ state }: { state: RunState }): boolean {
  return state === "pending" || state === "running" || state === "retrying";
}

export type Scope =
  | "tasks:read"
  | "tasks:write"
  | "tasks:trigger"
  | "runs:read"
  | "metrics:read"
  | "cluster:admin"
  | "keys:admin"
  | "audit:read"
  | "secrets:write";

export interface Pause {
  reason?: string;
  until?: string;
  since?: string;
}
export interface GlobalPause extends Pause {
  id: string;
  labels?: Record<string, string>;
  ended_at?: string;
}
export interface Target {
  kind: "http" | "log";
  url?: string;
  method?: string;
  headers?: Record<string, string>;
  [more: string]: unknown;
}
export interface LastRun {
  id: string;
  state: RunState;
  due_at: string;
  ended_at?: string;
  lateness_ms?: number;
}
export interface Task {
  id: string;
  type: "one-time" | "recurring";
  schedule: unknown;
  schedule_kind?: string;
  schedule_text?: string;
  description?: string;
  labels?: Record<string, string>;
  target?: Target;
  payload?: unknown;
  payload_text?: string;
  payload_base64?: string;
  content_type?: string;
  paused?: Pause | null;
  paused_by?: GlobalPause;
  state: TaskState;
  state_reason?: string;
  generation?: number;
  version: number;
  next_due_at?: string | null;
  upcoming?: string[];
  last_run?: LastRun | null;
  counts?: Record<string, number>;
  created_at?: string;
  updated_at?: string;
  [more: string]: unknown;
}
export interface Run {
  id: string;
  task_id: string;
  state: RunState;
  trigger: string;
  due_at: string;
  fire_at?: string;
  started_at?: string | null;
  ended_at?: string | null;
  recorded_at?: string;
  lateness_ms?: number;
  duration_ms?: number;
  attempt?: number;
  max_attempts?: number;
  next_attempt_at?: string;
  missed_count?: number;
  redrive_count?: number;
  possible_duplicate?: boolean;
  skip_reason?: string;
  error?: { code: string; message: string };
  count?: number;
  [more: string]: unknown;
}
export interface Attempt {
  number: number;
  started_at?: string;
  ended_at?: string;
  duration_ms?: number;
  outcome: string;
  status_code?: number;
  remote_addr?: string;
  connection_reused?: boolean;
  connect_ms?: number;
  tls_ms?: number;
  ttfb_ms?: number;
  error?: { code: string; message: string };
  response_headers?: Record<string, string>;
  response_body?: string;
  response_body_base64?: string;
  truncated?: boolean;
  [more: string]: unknown;
}
export interface TaskPage {
  tasks: Task[];
  next_page_token?: string;
}
export interface RunPage {
  runs: Run[];
  next_page_token?: string;
}
export interface RunsEnded {
  succeeded: number;
  dead: number;
  skipped: number;
  canceled: number;
  unknown: number;
}
export interface StatsStep {
  end: string;
  seconds: number;
  runs: RunsEnded;
  attempts: number;
  lateness_p50_ms: number | null;
  lateness_p99_ms: number | null;
}
export interface Stats {
  at: string;
  now: {
    runs_in_flight: number;
    runs_waiting: number;
    tasks_due_soon: number;
    pauses_in_force: number;
    breakers_open: number;
    breakers: {
      destination: string;
      since: string;
      next_probe_at: string;
      failures: number;
      shards: number;
    }[];
    tasks: Record<TaskState, number>;
  };
  since_start: {
    started_at: string;
    runs: RunsEnded;
    attempts: number;
    callbacks: number;
    lateness_p50_ms: number | null;
    lateness_p99_ms: number | null;
  };
  series: StatsStep[];
}
export interface ApiKey {
  id: string;
  name: string;
  scopes: Scope[];
  networks?: string[];
  selection?: Record<string, string>;
  created_at: string;
  created_by?: string;
  expires_at?: string;
  last_used_at?: string;
  key?: string; // only in the answer that made it
}
export interface Session {
  keys_required: boolean;
  key?: ApiKey;
  scopes: Scope[];
}
export interface PreviewTime {
  utc: string;
  local: string;
  offset: string;
  fire_at?: string;
  fire_by?: string;
  note?: string;
  meant?: string;
  count?: number;
}
export interface Preview {
  times: PreviewTime[];
  skipped?: { local: string; note: string; clocks_change_at: string }[];
  text: string;
  warnings: { code: string; detail: string }[];
}
