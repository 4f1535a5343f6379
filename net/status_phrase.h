// The phrases of statuses, as registered (RFC 9110 and RFC 6585).
#pragma once

namespace hourwheel {

// "Not Found"; "Unknown" for a status that is not in the table. A literal.
const char* status_phrase(int status);

}  // namespace hourwheel
