#include "net/base64.h"

#include <openssl/evp.h>

#include <algorithm>

namespace hourwheel {
namespace {

const unsigned char* start_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  // The encoder ends what it writes with a NUL, in place of the string's own.
  const size_t before = out.size();
  const size_t length = (bytes.size() + 2) / 3 * 4;
  out.resize(before + length + 1);
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + before), start_of(bytes),
                  static_cast<int>(bytes.size()));
  out.resize(before + length);
}

// Strict, where the decoder is not: only the one spelling that encoding gives.
std::optional<std::string> decode_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), start_of(text),
                      static_cast<int>(text.size())) < 0) {
    return std::nullopt;
  }
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  bytes.resize(bytes.size() - padding);
  std::string again;
  append_base64(again, bytes);
  if (again != text) return std::nullopt;
  return bytes;
}

void append_base64url(std::string& out, std::string_view bytes) {
  const size_t before = out.size();
  append_base64(out, bytes);
  while (out.size() > before && out.back() == '=') out.pop_back();
  const auto begin = out.begin() + static_cast<std::ptrdiff_t>(before);
  std::replace(begin, out.end(), '+', '-');
  std::replace(begin, out.end(), '/', '_');
}

std::optional<std::string> decode_base64url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string padded(text);
  std::replace(padded.begin(), padded.end(), '-', '+');
  std::replace(padded.begin(), padded.end(), '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  return decode_base64(padded);
}

}  // namespace hourwheel
