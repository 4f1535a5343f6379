// What the loader is told of the server's program, so that a bug in it is harder to make use of
// (T-15): it may be anywhere in memory, its stack holds no code, and what the linker has resolved
// cannot be changed afterwards. And what the compiler has put into it: checks of what is copied,
// and the marks of where indirect jumps may land (CET). Its property note does not promise the
// latter, for Debian's own start files lack them; a loader that is to enforce them would leave it
// alone.
#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace hourwheel {
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

}  // namespace
}  // namespace hourwheel
