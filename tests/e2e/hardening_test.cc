// What the loader is told of the server's program, so that a bug in it is harder to make use of
// (T-15): it may be anywhere in memory, its stack holds no code, and what the linker has resolved
// cannot be changed afterwards. And what the compiler has put into it: checks of what is copied,
// and the marks of where indirect jumps may land (CET). Its property note does not promise the
// latter, for Debian's own start files lack them; a loader that is to enforce them would leave it
// alone. Last, what it takes of others for HTTP (T-04): HTTP/1.1 from the one h2o that was looked
// into, and nothing of QUIC.
#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "tests/e2e/fixture.h"

namespace hourwheel::hardening_test {
namespace {

class Program {
 public:
  explicit Program(const char* path) {
    std::ifstream file(path, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(file), {});
  }

  [[nodiscard]] bool is_elf() const {
    return bytes_.size() > sizeof(Elf64_Ehdr) && bytes_.compare(0, SELFMAG, ELFMAG) == 0 &&
           bytes_[EI_CLASS] == ELFCLASS64;
  }
  [[nodiscard]] Elf64_Ehdr head() const { return at<Elf64_Ehdr>(0); }
  [[nodiscard]] std::vector<Elf64_Phdr> segments(uint32_t type) const {
    std::vector<Elf64_Phdr> found;
    for (size_t i = 0; i < head().e_phnum; ++i) {
      const auto segment = at<Elf64_Phdr>(head().e_phoff + i * sizeof(Elf64_Phdr));
      if (segment.p_type == type) found.push_back(segment);
    }
    return found;
  }
  // The value of an entry of the dynamic section; 0: there is none.
  [[nodiscard]] uint64_t dynamic(int64_t tag) const {
    for (const Elf64_Phdr& segment : segments(PT_DYNAMIC)) {
      for (size_t offset = 0; offset + sizeof(Elf64_Dyn) <= segment.p_filesz;
           offset += sizeof(Elf64_Dyn)) {
        const auto entry = at<Elf64_Dyn>(segment.p_offset + offset);
        if (entry.d_tag == tag) return entry.d_un.d_val;
      }
    }
    return 0;
  }
  [[nodiscard]] bool names(const std::string& symbol) const {
    std::string whole(1, '\0');
    whole.append(symbol).push_back('\0');
    return bytes_.find(whole) != std::string::npos;
  }
  // Of these bytes, in what is run.
  [[nodiscard]] size_t count_in_code(const std::string& wanted) const {
    size_t count = 0;
    for (const Elf64_Phdr& segment : segments(PT_LOAD)) {
      if ((segment.p_flags & PF_X) == 0 || segment.p_offset > bytes_.size()) continue;
      const std::string code = bytes_.substr(segment.p_offset, segment.p_filesz);
      for (size_t at = code.find(wanted); at != std::string::npos; at = code.find(wanted, at + 1)) {
        ++count;
      }
    }
    return count;
  }

 private:
  template <class T>
  [[nodiscard]] T at(size_t offset) const {
    T value{};
    if (offset + sizeof(T) <= bytes_.size()) std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }
  std::string bytes_;
};

TEST(Hardening, TheProgramIsBuiltForIt) {
  const Program program(HW_SERVER);
  ASSERT_TRUE(program.is_elf());
  EXPECT_EQ(program.head().e_type, ET_DYN) << "position-independent";
  EXPECT_TRUE(program.dynamic(DT_FLAGS_1) & DF_1_PIE);
  EXPECT_EQ(program.segments(PT_GNU_RELRO).size(), 1U);
  EXPECT_TRUE(program.dynamic(DT_FLAGS_1) & DF_1_NOW) << "nothing is resolved later";
  ASSERT_EQ(program.segments(PT_GNU_STACK).size(), 1U);
  EXPECT_FALSE(program.segments(PT_GNU_STACK)[0].p_flags & PF_X);
  for (const Elf64_Phdr& segment : program.segments(PT_LOAD)) {
    EXPECT_NE(segment.p_flags & (PF_W | PF_X), uint32_t{PF_W | PF_X}) << "written and run";
  }
  EXPECT_TRUE(program.names("__stack_chk_fail")) << "stacks have canaries";
}

#ifdef HW_JUMPS_MARKED
// endbr64: each function of ours that may be called through a pointer begins with one: there are
// thousands; the libraries that are linked in have but a few.
TEST(Hardening, IndirectJumpsHaveMarksToLandOn) {
  const Program program(HW_SERVER);
  EXPECT_GT(program.count_in_code("\xf3\x0f\x1e\xfa"), 1'000U);
}
#endif

#ifdef HW_FORTIFIED
TEST(Hardening, AReleaseChecksTheBoundsOfWhatItFormats) {
  EXPECT_TRUE(Program(HW_SERVER).names("__printf_chk"));
}
#endif

// h2o_accept would choose by what the client says, and has HTTP/2 among the choices.
TEST(Hardening, OfH2oOnlyHttp1IsTaken) {
  const Program program(HW_SERVER);
  EXPECT_TRUE(program.names("h2o_http1_accept")) << "names are looked for where they are";
  for (const char* other : {"h2o_accept", "h2o_http2_accept", "h2o_http2_upgrade",
                            "h2o_http3_server_accept", "quicly_accept", "SSL_set_quic_method"}) {
    EXPECT_FALSE(program.names(other)) << other;
  }
}

// The files that this process has in its memory, without their folders.
std::set<std::string> libraries_of(pid_t pid) {
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  std::set<std::string> names;
  for (std::string line; std::getline(maps, line);) {
    const size_t slash = line.rfind('/');
    if (slash != std::string::npos) names.insert(line.substr(slash + 1));
  }
  return names;
}

// "2.2.5+dfsg2-7", of what is installed; empty where dpkg does not keep the packages.
std::string debian_version_of(const std::string& package) {
  std::ifstream packages("/var/lib/dpkg/status");
  bool found = false;
  for (std::string line; std::getline(packages, line);) {
    if (line.starts_with("Package: ")) found = line == "Package: " + package;
    if (found && line.starts_with("Version: ")) return line.substr(9);
  }
  return "";
}

// Another h2o is to be looked into before it is served with: how it reads a head and a chunk (the
// head guard goes before it, but for what it was known to let through), and what it speaks unasked.
// Then its version goes in here.
TEST(Hardening, TheH2oInMemoryIsTheOneThatWasLookedInto) {
  Node node;
  ASSERT_TRUE(node.start());
  size_t of_h2o = 0;
  const auto names = libraries_of(node.server().pid());
  for (const std::string& name : names) {
    if (name.starts_with("libh2o")) {
      ++of_h2o;
      EXPECT_EQ(name, "libh2o-evloop.so.0.13.5");
    }
    for (const char* other : {"quic", "ngtcp2", "nghttp3"}) {
      EXPECT_EQ(name.find(other), std::string::npos) << name;
    }
  }
  EXPECT_EQ(of_h2o, 1U) << names.size() << " files are in its memory";
  const std::string version = debian_version_of("libh2o-evloop0.13");
  EXPECT_TRUE(version.empty() || version == "2.2.5+dfsg2-7") << version;
}

}  // namespace
}  // namespace hourwheel::hardening_test
