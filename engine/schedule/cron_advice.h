// The part of advise() that needs no more than the fields of a cron expression.
#pragma once

#include <vector>

#include "engine/schedule/advice.h"
#include "engine/schedule/describe_cron.h"
#include "engine/schedule/written_cron.h"

namespace hourwheel {

void advise_about_cron(const WrittenCron& cron, DomDow dom_dow, std::vector<Advice>& out);

}  // namespace hourwheel
