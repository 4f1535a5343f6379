// The difference report of a crontab: which of its lines are taken as they are, which mean
// something else here, and which cannot be taken.
#pragma once

#include <string>
#include <vector>

#include "tools/hourwheel/crontab_task.h"

namespace hourwheel {

std::string crontab_report(const Crontab& crontab, const std::vector<CrontabTask>& tasks);

}  // namespace hourwheel
