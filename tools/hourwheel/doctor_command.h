// `hourwheel doctor`: looks (doctor_probe.h), judges (diagnosis.h) and prints.
#pragma once

#include <string>
#include <vector>

#include "tools/hourwheel/diagnosis.h"
#include "tools/hourwheel/options_doctor.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

int run_doctor_command(const DoctorOptions& options, const Terminal& terminal);

// {"state":…,"checks":[{"check":…,"state":…,"found":…,"advice":…}]}
std::string diagnoses_json(const std::vector<Diagnosis>& all);
// What to do, a line each; empty when all is well.
std::string advice_text(const std::vector<Diagnosis>& all);

}  // namespace hourwheel
