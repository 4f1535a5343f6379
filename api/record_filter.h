// Which rows of the run log a request means, read from its query. Thread: pure functions, any
// thread.
#pragma once

#include "api/url_text.h"
#include "engine/base/result.h"
#include "engine/message.h"

namespace hourwheel {

// kBadRequest: a value cannot be read, or a parameter but `label` is given twice or is none of the
// filter's.
Result<RecordFilter> record_filter_of(const QueryParameters& parameters);

// `state` says dead and nothing else: what is asked for are the dead letters, not the deaths that
// the run log keeps.
bool asks_for_dead_letters(const QueryParameters& parameters);

// `state` names one that only open runs have.
bool asks_for_open_runs(const QueryParameters& parameters);
// What is asked of them. kBadRequest: as above, and for whatever only an ended attempt tells.
Result<RecordFilter> open_filter_of(const QueryParameters& parameters);

}  // namespace hourwheel
