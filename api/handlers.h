// Who answers which route; routes.cc has the table. Each is a Handler.
#pragma once

#include <string>

#include "api/calls.h"

namespace hourwheel {

// tasks.cc
void create_task(Calls& calls, Call& call, const HttpRequest& request);
void get_task(Calls& calls, Call& call, const HttpRequest& request);
void replace_task(Calls& calls, Call& call, const HttpRequest& request);
void replace_task_by_body(Calls& calls, Call& call, const HttpRequest& request);
void delete_task(Calls& calls, Call& call, const HttpRequest& request);
void pause_task(Calls& calls, Call& call, const HttpRequest& request);
void resume_task(Calls& calls, Call& call, const HttpRequest& request);
void run_task(Calls& calls, Call& call, const HttpRequest& request);

// task_patch.cc
void patch_task(Calls& calls, Call& call, const HttpRequest& request);

// schedules.cc
void preview_schedule(Calls& calls, Call& call, const HttpRequest& request);
void list_upcoming(Calls& calls, Call& call, const HttpRequest& request);

// lists.cc
void list_tasks(Calls& calls, Call& call, const HttpRequest& request);
void list_all_tasks(Calls& calls, Call& call, const HttpRequest& request);

// runs.cc
void list_runs(Calls& calls, Call& call, const HttpRequest& request);
void get_run(Calls& calls, Call& call, const HttpRequest& request);
void list_attempts(Calls& calls, Call& call, const HttpRequest& request);

// run_actions.cc
void redrive_run(Calls& calls, Call& call, const HttpRequest& request);
void cancel_run(Calls& calls, Call& call, const HttpRequest& request);

// completions.cc
void report_completion(Calls& calls, Call& call, const HttpRequest& request);

// recorded_runs.cc
void list_all_runs(Calls& calls, Call& call, const HttpRequest& request);

// dead_runs.cc
void list_dead_runs(Calls& calls, Call& call, const HttpRequest& request);
void change_runs(Calls& calls, Call& call, const HttpRequest& request);

// backfill.cc
void backfill_task(Calls& calls, Call& call, const HttpRequest& request);
void stop_backfill(Calls& calls, Call& call, const HttpRequest& request);

// why.cc
void explain_instant(Calls& calls, Call& call, const HttpRequest& request);

// batch.cc
void run_batch(Calls& calls, Call& call, const HttpRequest& request);

// task_import.cc
void import_tasks(Calls& calls, Call& call, const HttpRequest& request);
// For whom sent more: what one takes, and what to do.
std::string import_limits();

// task_export.cc
void export_tasks(Calls& calls, Call& call, const HttpRequest& request);

// task_bulk.cc
void change_by_filter(Calls& calls, Call& call, const HttpRequest& request);

// pauses.cc
void begin_global_pause(Calls& calls, Call& call, const HttpRequest& request);
void list_global_pauses(Calls& calls, Call& call, const HttpRequest& request);
void end_global_pause(Calls& calls, Call& call, const HttpRequest& request);
void end_global_pauses(Calls& calls, Call& call, const HttpRequest& request);

// keys.cc
void create_key(Calls& calls, Call& call, const HttpRequest& request);
void list_keys(Calls& calls, Call& call, const HttpRequest& request);
void get_key(Calls& calls, Call& call, const HttpRequest& request);
void revoke_key(Calls& calls, Call& call, const HttpRequest& request);

// secrets.cc
void put_secret(Calls& calls, Call& call, const HttpRequest& request);
void list_secrets(Calls& calls, Call& call, const HttpRequest& request);
void get_secret(Calls& calls, Call& call, const HttpRequest& request);
void delete_secret(Calls& calls, Call& call, const HttpRequest& request);

// sessions.cc
void sign_in(Calls& calls, Call& call, const HttpRequest& request);
void show_session(Calls& calls, Call& call, const HttpRequest& request);
void sign_out(Calls& calls, Call& call, const HttpRequest& request);

// log_level.cc
void get_log_level(Calls& calls, Call& call, const HttpRequest& request);
void set_log_level(Calls& calls, Call& call, const HttpRequest& request);

// admin.cc
void show_server(Calls& calls, Call& call, const HttpRequest& request);
void write_backup(Calls& calls, Call& call, const HttpRequest& request);
void begin_drain(Calls& calls, Call& call, const HttpRequest& request);
void show_alive(Calls& calls, Call& call, const HttpRequest& request);
void show_ready(Calls& calls, Call& call, const HttpRequest& request);
void show_metrics(Calls& calls, Call& call, const HttpRequest& request);

// audit.cc
void list_audit(Calls& calls, Call& call, const HttpRequest& request);
void export_audit(Calls& calls, Call& call, const HttpRequest& request);
void verify_audit(Calls& calls, Call& call, const HttpRequest& request);

// stats.cc
void show_stats(Calls& calls, Call& call, const HttpRequest& request);

// changes.cc
void follow_changes(Calls& calls, Call& call, const HttpRequest& request);

// documents.cc
void show_openapi_yaml(Calls& calls, Call& call, const HttpRequest& request);
void show_openapi_json(Calls& calls, Call& call, const HttpRequest& request);
void show_docs(Calls& calls, Call& call, const HttpRequest& request);
void show_docs_style(Calls& calls, Call& call, const HttpRequest& request);

// ui_files.cc
void show_ui(Calls& calls, Call& call, const HttpRequest& request);
void show_ui_script(Calls& calls, Call& call, const HttpRequest& request);
void show_ui_style(Calls& calls, Call& call, const HttpRequest& request);
void show_ui_icon(Calls& calls, Call& call, const HttpRequest& request);

}  // namespace hourwheel
