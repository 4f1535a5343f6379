// The certificate, key and client certificates' issuers that the server's clients are served
// through, read from their files at the start and again when that is asked for (SIGHUP).
//
// Invariants
//   TC1  What is wrong with a file changes nothing: what was read before is served on.
//   TC2  Certificate, key and issuers change together, on all reactors or, should one not take it,
//        with a line in the log that says so.
// Thread: the control thread's, which may wait for a disk; certificate_end() any.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/metrics.h"
#include "net/switchboard.h"
#include "net/tls_front.h"
#include "tools/hourwheel/log.h"

namespace hourwheel {

struct TlsFiles {
  std::string certificate;
  std::string key;
  std::string client_ca;  // empty: clients are not asked for a certificate
};

class TlsControl {
 public:
  // The error names the option and the file.
  static Result<std::unique_ptr<TlsControl>> open(const TlsFiles& files, Log& log);

  // Reads the files again, gives what is in them to all reactors, and logs how that went.
  void reload(Switchboard& board);

  [[nodiscard]] const TlsContext& context() const { return front_.context(); }
  [[nodiscard]] const Gauge& certificate_end() const { return certificate_end_; }

 private:
  TlsControl(TlsFiles files, TlsFront front, Log& log);

  const TlsFiles files_;
  TlsFront front_;
  Log& log_;
  Gauge certificate_end_;  // seconds since 1970
};

}  // namespace hourwheel
