// Makes the kernel refuse io_uring to this process and its children for good, as the usual
// container profile does: the three system calls fail with EPERM.
#pragma once

namespace hourwheel {

// Safe between fork and exec. False when the filter could not be installed.
[[nodiscard]] bool deny_io_uring();

}  // namespace hourwheel
