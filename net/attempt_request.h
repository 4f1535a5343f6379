// The bytes of one attempt's HTTP request (C-7): ours first, then the task's own header fields.
//
// Invariants
//   Q1  No CR, LF or NUL gets into a line of the head, whatever a task contains.
//   Q2  What is signed is what is sent: the same id, timestamp and body.
// Thread: any; the signer's owner for the request of an attempt.
#pragma once

#include <string>
#include <string_view>

#include "engine/ports.h"
#include "engine/url.h"
#include "net/signature.h"

namespace hourwheel {

// `proof` is a header field that proves who sends it (net/target_auth.h); without a name: none.
// `completion_url` is by what the target may report later; empty: it may not.
std::string attempt_request(const AttemptStart& attempt, const Url& url, Signer& signer,
                            const NamedText& proof = {}, std::string_view completion_url = {});

}  // namespace hourwheel
