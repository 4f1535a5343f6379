// Looks at the machine, a data folder and a server for `doctor`; what that means is diagnosis.h's.
// Nothing is changed, and no file stays behind.
//
// Cost: about a second, for the flushes. Thread: one that may wait.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "tools/hourwheel/connection.h"
#include "tools/hourwheel/diagnosis.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

// Where the folder is not there yet, the next one above that is.
FolderSight look_at_folder(const std::string& path, const std::vector<std::string>& key_files,
                           const Terminal& clock);
MachineSight look_at_machine(const Terminal& clock);
ServerSight look_at_server(const ServerChoice& choice);

// How often a second a page can be written and flushed there, one after the other as commits are,
// in a file without a name.
Result<double> measure_flushes(const std::string& folder, const Terminal& clock);

}  // namespace hourwheel
