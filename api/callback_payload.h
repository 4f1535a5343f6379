// The JSON that a callback sends: which run ended, how, when, and what its target said last.
// Thread: pure, any thread.
#pragma once

#include "engine/ports.h"

namespace hourwheel {

class CallbackPayload final : public CallbackTeller {
 public:
  [[nodiscard]] std::string tell(const RunEnd& end) const override;
};

}  // namespace hourwheel
