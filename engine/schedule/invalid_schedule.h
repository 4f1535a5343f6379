// What a schedule that is none is refused with. Thread: pure functions, any thread.
#pragma once

#include <string>
#include <utility>

#include "engine/base/result.h"

namespace hourwheel {

inline tl::unexpected<Error> invalid_schedule(std::string detail) {
  return failure(ErrorCode::kInvalidSchedule, "/schedule", std::move(detail));
}

}  // namespace hourwheel
