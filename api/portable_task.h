// A task as it leaves for another server, or for a later day of this one: what a client can set, in
// the form in which a create or an import takes it again.
//
// Invariants
//   E1  An exported task that is imported is exported in the same bytes.
//   E2  It is due at the same instants, wherever and whenever it is imported: what was measured at
//       its acceptance (the instant of a delay, the anchor of an interval, the beginning of a
//       recurrence rule) is spelled out. A fixed delay begins anew.
//   E3  It is one line. The payload's bytes stay as they are: JSON over several lines goes as
//       payload_base64 with its content_type.
// Thread: pure functions, any thread.
#pragma once

#include <optional>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "engine/task.h"

namespace hourwheel {

// E2 and E3. The reader is scratch.
void make_portable(TaskSpec& spec, JsonReader& reader);
// Requires: the definition is portable.
void write_portable_task(JsonWriter& json, const TaskSpec& spec, const std::optional<Pause>& pause);

}  // namespace hourwheel
