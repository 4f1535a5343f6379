// What kind of file system a folder lies on. Thread: any.
#pragma once

#include <optional>
#include <string>

namespace hourwheel {

// The f_type of statfs(2); nullopt: it does not say.
std::optional<long> file_system_type(const std::string& folder);

// One whose locks and flushes do not hold. FUSE is one of them: sshfs and the like hide behind it.
bool is_network_file_system(long type);

}  // namespace hourwheel
