// Result<T>: what the world can do wrong (bad input, a refused connection, a full queue) is a value
// with a code from one enum and a message that names the field or target.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace hourwheel {

// One list for the whole server. api/problem.cc alone turns these into statuses.
enum class ErrorCode : uint8_t {
  kInvalidJson,
  kUnknownField,
  kValidationFailed,
  kInvalidSchedule,
  kNeverFires,
  kPastInstant,
  kInvalidTimezone,
  kInvalidPageToken,
  kAlreadyExists,
  kNotFound,
  kVersionMismatch,
  kStateConflict,
  kForbidden,
  kMethodNotAllowed,
  kUnsupportedMediaType,
  kPayloadTooLarge,
  kHeadTooLarge,
  kBadRequest,
  kOverloaded,
  kTimedOut,  // the answer did not come in time: the change may or may not have happened
  kDraining,
  kStorageLow,
  kIo,       // a file, socket or device failed; detail names it
  kCorrupt,  // stored bytes do not decode or their checksum is wrong
  kInternal,
  kStorageFull,  // could not be made durable: the change may or may not happen
  kPreconditionRequired,
  kIdempotencyReused,      // the key came with another body before (C-2)
  kIdempotencyInProgress,  // the first request with the key is under way
  kUnauthorized,           // no API key, or none that opens
  kRateLimited,            // the caller asks too often
  kQuotaExceeded,          // the caller's key has as many as it may, until it gives one up
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string field;   // path of the offending field, "/retry/max_attempts"; empty: not about one
  std::string detail;  // one sentence for a person, with the value or name it speaks of
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = tl::expected<void, Error>;

inline tl::unexpected<Error> failure(ErrorCode code, std::string field, std::string detail) {
  return tl::unexpected<Error>(Error{code, std::move(field), std::move(detail)});
}
inline tl::unexpected<Error> failure(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace hourwheel
