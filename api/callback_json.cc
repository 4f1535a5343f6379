#include "api/callback_json.h"

#include "api/label_json.h"
#include "api/members.h"
#include "api/target_json.h"

namespace hourwheel {
namespace {

struct CallbacksReading {
  Shape shape;
  Callbacks& callbacks;
  FieldErrors& errors;
};

template <std::optional<Callback> Callbacks::*which>
void read_one(CallbacksReading& reading, const JsonValue& value) {
  if (value.is(JsonKind::kNull)) return;
  Callback callback;
  if (read_callback(value, unknown_of(reading.shape), callback, reading.errors)) {
    reading.callbacks.*which = std::move(callback);
  }
}

void write_one(JsonWriter& json, std::string_view name, const std::optional<Callback>& callback) {
  if (!callback) return;
  json.name(name);
  json.begin_object();
  json.name("url");
  json.string(callback->url);
  json.name("method");
  json.string(callback->method);
  json.name("headers");
  write_texts(json, callback->headers);
  json.end_object();
}

}  // namespace

void read_callbacks(const JsonValue& value, Shape shape, Callbacks& out, FieldErrors& errors) {
  static constexpr Member<CallbacksReading> kMembers[] = {
      {"on_success", read_one<&Callbacks::on_success>},
      {"on_failure", read_one<&Callbacks::on_failure>},
      {"on_dead", read_one<&Callbacks::on_dead>},
  };
  if (value.is(JsonKind::kNull)) return;
  CallbacksReading reading{shape, out, errors};
  std::span<const Member<CallbacksReading>> members = kMembers;
  read_members(value, members, unknown_of(shape), reading);
}

void read_on_complete(const JsonValue& value, OnComplete& out, FieldErrors& errors) {
  constexpr Word<OnComplete> kWords[] = {{"keep", OnComplete::kKeep},
                                         {"delete", OnComplete::kDelete}};
  read_word(value, kWords, out, errors);
}

void write_callbacks(JsonWriter& json, const Callbacks& callbacks) {
  json.begin_object();
  write_one(json, "on_success", callbacks.on_success);
  write_one(json, "on_failure", callbacks.on_failure);
  write_one(json, "on_dead", callbacks.on_dead);
  json.end_object();
}

void write_on_complete(JsonWriter& json, OnComplete on_complete) {
  json.string(on_complete == OnComplete::kDelete ? "delete" : "keep");
}

}  // namespace hourwheel
