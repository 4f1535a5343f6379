// What the loader is told of the server's program, so that a bug in it is harder to make use of
// (T-15): it may be anywhere in memory, its stack holds no code, and what the linker has resolved
// cannot be changed afterwards.
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

}  // namespace
}  // namespace hourwheel
