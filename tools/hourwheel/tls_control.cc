#include "tools/hourwheel/tls_control.h"

#include <utility>

#include "engine/schedule/time_text.h"
#include "net/system_clock.h"
#include "tools/hourwheel/regular_file.h"

namespace hourwheel {
namespace {

tl::unexpected<Error> refuse(const Error& why, const std::string& option, const std::string& path) {
  return failure(why.code, option, "--" + option + ": " + path + why.detail);
}

// Where a file cannot be read, the reason has its name already.
Result<std::string> read(const std::string& option, const std::string& path, Holds holds) {
  auto text = read_regular_file(path, holds);
  if (!text) return refuse(text.error(), option, "");
  return text;
}

const std::string& file_of(const TlsFiles& files, const std::string& option) {
  if (option == "tls-key") return files.key;
  return option == "tls-client-ca" ? files.client_ca : files.certificate;
}

Result<TlsFront> load(const TlsFiles& files) {
  TlsFrontTexts texts;
  auto certificate = read("tls-certificate", files.certificate, Holds::kNoSecret);
  if (!certificate) return failure(std::move(certificate.error()));
  texts.certificate = std::move(*certificate);
  auto key = read("tls-key", files.key, Holds::kSecret);
  if (!key) return failure(std::move(key.error()));
  texts.key = std::move(*key);
  if (!files.client_ca.empty()) {
    auto issuers = read("tls-client-ca", files.client_ca, Holds::kNoSecret);
    if (!issuers) return failure(std::move(issuers.error()));
    texts.client_ca = std::move(*issuers);
  }
  auto front = TlsFront::create(texts);
  if (front) return front;
  const std::string& option = front.error().field;
  return refuse(front.error(), option, file_of(files, option) + ": ");
}

// Clients will refuse it; but a clock may be wrong, and a server that starts can be mended by a
// reload.
void warn_of_dates(Log& log, const TlsFront& front) {
  const Instant now = SystemClock().now().utc;
  if (front.not_after() <= now) {
    log.say(LogLevel::kWarning, "the server's certificate has expired");
  } else if (front.not_before() > now) {
    log.say(LogLevel::kWarning,
            "the server's certificate is not valid before " + to_text(front.not_before()));
  }
}

std::string name_of(const TlsFront& front) {
  return "the certificate of " + front.subject() + ", which ends " + to_text(front.not_after());
}

}  // namespace

TlsControl::TlsControl(TlsFiles files, TlsFront front, Log& log)
    : files_(std::move(files)), front_(std::move(front)), log_(log) {
  certificate_end_.set(front_.not_after().ms / 1000);
}

Result<std::unique_ptr<TlsControl>> TlsControl::open(const TlsFiles& files, Log& log) {
  auto front = load(files);
  if (!front) return failure(std::move(front.error()));
  log.say(LogLevel::kInfo, "clients are served through TLS by " + name_of(*front) +
                               (files.client_ca.empty() ? "" : ", and need one of their own"));
  warn_of_dates(log, *front);
  return std::unique_ptr<TlsControl>(new TlsControl(files, std::move(*front), log));
}

void TlsControl::reload(Switchboard& board) {
  auto front = load(files_);
  if (!front) {
    log_.say(LogLevel::kError,
             "the certificate stays as it was, nothing new is served: " + front.error().detail);
    return;
  }
  uint32_t behind = 0;
  for (uint32_t reactor = 0; reactor < board.reactors(); ++reactor) {
    if (!board.tell_tls(reactor, share(front->context()))) ++behind;
  }
  front_ = std::move(*front);
  certificate_end_.set(front_.not_after().ms / 1000);
  if (behind > 0) {
    log_.say(LogLevel::kError,
             "a thread has not taken the certificates before this one yet: send "
             "SIGHUP again");
    return;
  }
  log_.say(LogLevel::kInfo, "new connections are served through TLS by " + name_of(front_));
  warn_of_dates(log_, front_);
}

}  // namespace hourwheel
