// The files (PEM) by which an https server and the command line prove themselves to each other.
#pragma once

#include <string>

namespace hourwheel {

struct ClientTls {
  std::string ca;           // the server's is trusted by these; empty: by the system's list
  std::string certificate;  // our own; empty: none is shown
  std::string key;          // of that; empty: it is in the same file

  // What is not said here, as said there; a certificate and its key go together.
  void complete_by(const ClientTls& other) {
    if (ca.empty()) ca = other.ca;
    if (!certificate.empty() || !key.empty()) return;
    certificate = other.certificate;
    key = other.key;
  }
};

}  // namespace hourwheel
