#include "api/definition_patch.h"

#include <utility>

#include "api/json_merge.h"
#include "engine/base/check.h"

namespace hourwheel {
namespace {

std::string definition_of(const TaskSpec& spec, bool with_schedule) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  if (with_schedule) write_type_and_schedule(json, spec);
  write_definition(json, spec);
  json.end_object();
  return out;
}

}  // namespace

PaddedText::PaddedText(std::string text) : text_(std::move(text)), size_(text_.size()) {
  text_.append(kJsonPadding, '\0');
}

DefinitionPatch::DefinitionPatch(std::string_view text, Unknown unknown)
    : unknown_(unknown), text_(std::string(text)) {
  auto patch = reader_.parse(text_.view());
  HW_CHECK(patch.has_value(), "a patch was read before");
  patch_ = *patch;
}

Result<std::string> DefinitionPatch::merged(const TaskSpec& spec) {
  const bool with_schedule = patch_->find("schedule") || patch_->find("type");  // DP2
  const PaddedText before(definition_of(spec, with_schedule));
  auto definition = definitions_.parse(before.view());
  if (!definition) return failure(std::move(definition.error()));
  return merge_patch(*definition, *patch_);
}

std::optional<Problem> DefinitionPatch::put_on(const StoredTask& task, TaskReading around,
                                               Command& change) {
  auto text = merged(task.spec);
  if (!text) return problem_of(std::move(text.error()));
  const PaddedText after(std::move(*text));
  auto object = results_.parse(after.view(), unknown_);
  if (!object) return problem_of(std::move(object.error()));
  FieldErrors errors;
  around.keeps = &task.spec;
  auto body = read_task(*object, around, errors);  // DP1
  if (const auto paused = object->find("paused"); paused && body && !change.refusal) {
    refuse_past_end(*paused, body->pause, around.now, errors);
  }
  if (!errors.empty()) return problem_of(std::move(errors));
  body->spec->id = task.spec.id;
  change.if_match = task.state.version;
  change.spec = std::move(body->spec);
  change.pause = std::move(body->pause);
  change.past = body->past;
  return std::nullopt;
}

void refuse_unpatchable(const JsonValue& patch, FieldErrors& errors) {
  refuse_output_only(patch, errors);
  const auto paused = patch.find("paused");
  if (!paused || !paused->is(JsonKind::kNull)) return;
  errors.add(*paused, "invalid", "a pause is ended by POST /v1/tasks/{id}/resume");
}

}  // namespace hourwheel
