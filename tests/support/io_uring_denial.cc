#include "tests/support/io_uring_denial.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace hourwheel {
namespace {

// io_uring_setup, io_uring_enter and io_uring_register: calls this young have one number on all
// architectures, so the filter need not ask for which one it runs on.
constexpr uint32_t kFirstCall = 425;
constexpr uint32_t kLastCall = 427;

constexpr sock_filter statement(uint16_t code, uint32_t operand) {
  return {code, 0, 0, operand};
}
// Passes over `if_not` instructions when the comparison fails.
constexpr sock_filter jump(uint16_t code, uint32_t operand, uint8_t if_so, uint8_t if_not) {
  return {code, if_so, if_not, operand};
}

}  // namespace

bool deny_io_uring() {
  std::array<sock_filter, 5> filter{
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      jump(BPF_JMP | BPF_JGE | BPF_K, kFirstCall, 0, 2),
      jump(BPF_JMP | BPF_JGT | BPF_K, kLastCall, 1, 0),
      statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  // Without new privileges a filter needs none itself.
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace hourwheel
