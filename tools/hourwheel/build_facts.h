// What this program was built from, and the time zones that are installed beside it.
// Thread: any; installed_tzdata reads a file.
#pragma once

#include <string>
#include <string_view>

namespace hourwheel {

// The commit as of the build's configuration; "unknown" without git.
std::string_view built_commit();

// The release of the IANA database, such as "2025b"; "unknown" if the folder of the zones does not
// say.
std::string installed_tzdata();
// The release that the head of a tzdata.zi names.
std::string tzdata_release(std::string_view first_line);

}  // namespace hourwheel
