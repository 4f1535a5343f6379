#include "api/routes.h"

#include <optional>

#include "api/handlers.h"

namespace hourwheel {
namespace {

constexpr Route kRoutes[] = {
    {"POST", "/tasks", Right::kTasksWrite, Reach::kSelection, Demand::kCreate, create_task,
     Shape::kSeed},
    {"GET", "/tasks", Right::kTasksRead, Reach::kSelection, Demand::kList, list_all_tasks,
     Shape::kSeed},
    {"PUT", "/tasks", Right::kTasksWrite, Reach::kSelection, Demand::kChange, replace_task_by_body,
     Shape::kSeed},
    {"DELETE", "/tasks/{id}", Right::kTasksWrite, Reach::kSelection, Demand::kUrgent, delete_task,
     Shape::kSeed},
    {"POST", "/v1/tasks", Right::kTasksWrite, Reach::kSelection, Demand::kCreate, create_task},
    {"GET", "/v1/tasks", Right::kTasksRead, Reach::kSelection, Demand::kList, list_tasks},
    {"GET", "/v1/tasks/{id}", Right::kTasksRead, Reach::kSelection, Demand::kChange, get_task},
    {"HEAD", "/v1/tasks/{id}", Right::kTasksRead, Reach::kSelection, Demand::kChange, get_task},
    {"PUT", "/v1/tasks/{id}", Right::kTasksWrite, Reach::kSelection, Demand::kChange, replace_task},
    {"PATCH", "/v1/tasks/{id}", Right::kTasksWrite, Reach::kSelection, Demand::kChange, patch_task},
    {"DELETE", "/v1/tasks/{id}", Right::kTasksWrite, Reach::kSelection, Demand::kUrgent,
     delete_task},
    {"POST", "/v1/tasks/{id}/pause", Right::kTasksWrite, Reach::kSelection, Demand::kUrgent,
     pause_task},
    {"POST", "/v1/tasks/{id}/resume", Right::kTasksWrite, Reach::kSelection, Demand::kChange,
     resume_task},
    {"POST", "/v1/tasks/{id}/run", Right::kTasksTrigger, Reach::kSelection, Demand::kChange,
     run_task},
    {"GET", "/v1/tasks/{id}/runs", Right::kRunsRead, Reach::kSelection, Demand::kList, list_runs},
    {"GET", "/v1/tasks/{id}/upcoming", Right::kTasksRead, Reach::kSelection, Demand::kList,
     list_upcoming},
    {"GET", "/v1/tasks/{id}/why", Right::kRunsRead, Reach::kSelection, Demand::kList,
     explain_instant},
    {"POST", "/v1/tasks/{id}/backfill", Right::kTasksTrigger, Reach::kSelection, Demand::kChange,
     backfill_task},
    {"DELETE", "/v1/tasks/{id}/backfill", Right::kTasksTrigger, Reach::kSelection, Demand::kUrgent,
     stop_backfill},
    {"POST", "/v1/tasks:batch", Right::kTasksWrite, Reach::kSelection, Demand::kUrgent, run_batch},
    {"POST", "/v1/tasks:bulk", Right::kTasksWrite, Reach::kSelection, Demand::kUrgent,
     change_by_filter},
    {"GET", "/v1/tasks:export", Right::kTasksRead, Reach::kSelection, Demand::kList, export_tasks},
    {"POST", "/v1/tasks:import", Right::kTasksWrite, Reach::kSelection, Demand::kCreate,
     import_tasks, Shape::kV1, BodyForm::kLines},
    {"POST", "/v1/schedules:preview", Right::kTasksRead, Reach::kNoTasks, Demand::kList,
     preview_schedule},
    {"GET", "/v1/runs", Right::kRunsRead, Reach::kSelection, Demand::kList, list_all_runs},
    {"POST", "/v1/runs:bulk", Right::kTasksTrigger, Reach::kSelection, Demand::kUrgent,
     change_runs},
    {"GET", "/v1/runs/{id}", Right::kRunsRead, Reach::kSelection, Demand::kChange, get_run},
    {"POST", "/v1/runs/{id}/redrive", Right::kTasksTrigger, Reach::kSelection, Demand::kChange,
     redrive_run},
    {"POST", "/v1/runs/{id}/cancel", Right::kTasksTrigger, Reach::kSelection, Demand::kUrgent,
     cancel_run},
    {"GET", "/v1/runs/{id}/attempts", Right::kRunsRead, Reach::kSelection, Demand::kList,
     list_attempts},
    {"POST", "/v1/completions/{id}", Right::kOpen, Reach::kNoTasks, Demand::kUrgent,
     report_completion},
    {"GET", "/v1/stats", Right::kTasksRead, Reach::kServer, Demand::kUrgent, show_stats},
    {"GET", "/v1/changes", Right::kTasksRead, Reach::kSelection, Demand::kList, follow_changes},
    {"GET", "/v1/server", Right::kTasksRead, Reach::kNoTasks, Demand::kUrgent, show_server},
    {"POST", "/v1/admin/backup", Right::kAdmin, Reach::kServer, Demand::kUrgent, write_backup},
    {"GET", "/v1/admin/log-level", Right::kAdmin, Reach::kServer, Demand::kUrgent, get_log_level},
    {"PUT", "/v1/admin/log-level", Right::kAdmin, Reach::kServer, Demand::kUrgent, set_log_level},
    {"POST", "/v1/admin/pause", Right::kAdmin, Reach::kServer, Demand::kUrgent, begin_global_pause},
    {"POST", "/v1/admin/resume", Right::kAdmin, Reach::kServer, Demand::kUrgent, end_global_pauses},
    {"GET", "/v1/admin/pauses", Right::kAdmin, Reach::kServer, Demand::kUrgent, list_global_pauses},
    {"DELETE", "/v1/admin/pauses/{id}", Right::kAdmin, Reach::kServer, Demand::kUrgent,
     end_global_pause},
    {"POST", "/v1/admin/drain", Right::kAdmin, Reach::kServer, Demand::kUrgent, begin_drain},
    {"POST", "/v1/keys", Right::kKeysAdmin, Reach::kServer, Demand::kUrgent, create_key},
    {"GET", "/v1/keys", Right::kKeysAdmin, Reach::kServer, Demand::kUrgent, list_keys},
    {"GET", "/v1/keys/{id}", Right::kKeysAdmin, Reach::kServer, Demand::kUrgent, get_key},
    {"DELETE", "/v1/keys/{id}", Right::kKeysAdmin, Reach::kServer, Demand::kUrgent, revoke_key},
    {"GET", "/v1/secrets", Right::kSecretsWrite, Reach::kServer, Demand::kUrgent, list_secrets},
    {"GET", "/v1/secrets/{id}", Right::kSecretsWrite, Reach::kServer, Demand::kUrgent, get_secret},
    {"PUT", "/v1/secrets/{id}", Right::kSecretsWrite, Reach::kServer, Demand::kUrgent, put_secret},
    {"DELETE", "/v1/secrets/{id}", Right::kSecretsWrite, Reach::kServer, Demand::kUrgent,
     delete_secret},
    {"GET", "/v1/audit", Right::kAuditRead, Reach::kServer, Demand::kList, list_audit},
    {"GET", "/v1/audit:export", Right::kAuditRead, Reach::kServer, Demand::kList, export_audit},
    {"GET", "/v1/audit:verify", Right::kAuditRead, Reach::kServer, Demand::kList, verify_audit},
    {"POST", "/v1/session", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, sign_in},
    {"GET", "/v1/session", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, show_session},
    {"DELETE", "/v1/session", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, sign_out},
    {"GET", "/livez", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, show_alive},
    {"HEAD", "/livez", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, show_alive},
    {"GET", "/readyz", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, show_ready},
    {"HEAD", "/readyz", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, show_ready},
    {"GET", "/healthz", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, show_ready},
    {"HEAD", "/healthz", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, show_ready},
    {"GET", "/metrics", Right::kMetricsRead, Reach::kServer, Demand::kUrgent, show_metrics},
    {"GET", "/openapi.yaml", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, show_openapi_yaml},
    {"GET", "/openapi.json", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, show_openapi_json},
    {"GET", "/docs", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, show_docs},
    {"GET", "/docs.css", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, show_docs_style},
    {"GET", "/", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, show_ui},
    {"GET", "/ui/app.js", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, show_ui_script},
    {"GET", "/ui/app.css", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, show_ui_style},
    {"GET", "/ui/icon.svg", Right::kOpen, Reach::kNoTasks, Demand::kUrgent, show_ui_icon},
};

// What cannot be told again as it was (AK4) from what is kept of it.
struct Keyless {
  std::string_view path;
  std::string_view why;
};
constexpr Keyless kKeyless[] = {
    {"/v1/runs:bulk",
     "what is done no longer matches, and a repeat would go on with what the first one left"},
    {"/v1/keys", "the key itself is told once and not kept, so that no repeat could tell it again"},
    {"/v1/admin/resume", "a repeat ends the pauses begun since; name the pause to end"},
    {"/v1/admin/backup", "a repeat is refused, as the files are there"},
    {"/v1/admin/drain", "a repeat is answered alike until the server has stopped"},
};

constexpr std::string_view kPlaceholder = "{id}";

// The segment that stands for {id}, empty for a path without one; nullopt: does not match.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  size_t hole = pattern.find(kPlaceholder);
  if (hole == std::string_view::npos) {
    return pattern == path ? std::optional(std::string_view()) : std::nullopt;
  }
  std::string_view before = pattern.substr(0, hole);
  std::string_view after = pattern.substr(hole + kPlaceholder.size());
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
      !path.ends_with(after)) {
    return std::nullopt;
  }
  std::string_view segment = path.substr(before.size(), path.size() - before.size() - after.size());
  return segment.find('/') == std::string_view::npos ? std::optional(segment) : std::nullopt;
}

}  // namespace

std::span<const Route> routes() {
  return kRoutes;
}

bool repeats_badly(const Route& route) {
  return route.method == "POST" || route.method == "PATCH";
}

bool takes_key(const Route& route) {
  const bool changes_tasks =
      route.right == Right::kTasksWrite || route.right == Right::kTasksTrigger;
  const bool keeps = changes_tasks || route.path == "/v1/admin/pause";
  return repeats_badly(route) && keeps && why_no_key(route).empty();
}

std::string_view why_no_key(const Route& route) {
  if (route.method != "POST") return {};
  for (const auto& [path, why] : kKeyless) {
    if (route.path == path) return why;
  }
  return {};
}

RouteMatch find_route(std::string_view method, std::string_view path) {
  RouteMatch found;
  for (const Route& route : kRoutes) {
    auto segment = match(route.path, path);
    if (!segment) continue;
    if (route.method == method) {
      found.route = &route;
      found.id = *segment;
      return found;
    }
    if (!found.allow.empty()) found.allow += ", ";
    found.allow += route.method;
  }
  return found;
}

}  // namespace hourwheel
