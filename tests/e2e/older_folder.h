// Makes of a data folder one that the first version of the schema had written: takes out what later
// steps added. That only works while they add; one that changes what is there needs another way,
// and is noticed.
#pragma once

#include <string>

namespace hourwheel {

// The server of the folder has stopped cleanly. Failures are the test's.
void make_older(const std::string& folder);

}  // namespace hourwheel
