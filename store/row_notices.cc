// The fields of a definition that say what its target can check, and who hears of the ends of its
// runs (tags 40 to 49).
#include "store/row_fields.h"

namespace hourwheel {
namespace {

void write_callback(FieldWriter& out, uint32_t tag, const std::optional<Callback>& callback) {
  if (!callback) return;
  out.fields(tag, [&callback](FieldWriter& inner) {
    if (callback->method != "POST") inner.bytes(1, callback->method);
    put_text(inner, 2, callback->url);
    for (const NamedText& header : callback->headers) write_pair(inner, 3, header);
  });
}
void read_callback(FieldReader& outer, std::optional<Callback>& out) {
  FieldReader in(outer.bytes());
  Callback& callback = out.emplace();
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        callback.method = get_text(in);
        break;
      case 2:
        callback.url = get_text(in);
        break;
      case 3:
        read_pair(in, callback.headers);
        break;
      default:
        break;
    }
  }
  // The end of a run asks it for its address.
  if (callback.url.empty()) in.fail();
  if (!in.good()) outer.fail();
}

}  // namespace

void write_notices(FieldWriter& out, const TaskSpec& spec) {
  put_number(out, 40, spec.target.sign ? 0 : 1);
  write_callback(out, 41, spec.callbacks.on_success);
  write_callback(out, 42, spec.callbacks.on_failure);
  write_callback(out, 43, spec.callbacks.on_dead);
  put_number(out, 45, static_cast<uint64_t>(spec.on_complete),
             static_cast<uint64_t>(OnComplete::kKeep));
  write_proofs(out, spec.target);
}
void read_notices(FieldReader& in, TaskSpec& spec) {
  switch (in.tag()) {
    case 40:
      spec.target.sign = in.number() == 0;
      break;
    case 41:
      read_callback(in, spec.callbacks.on_success);
      break;
    case 42:
      read_callback(in, spec.callbacks.on_failure);
      break;
    case 43:
      read_callback(in, spec.callbacks.on_dead);
      break;
    case 45:
      spec.on_complete = get_enum(in, OnComplete::kDelete);
      break;
    default:
      read_proofs(in, spec.target);
      break;
  }
}

}  // namespace hourwheel
