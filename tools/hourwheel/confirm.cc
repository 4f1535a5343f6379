#include "tools/hourwheel/confirm.h"

#include <cstdio>

#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"

namespace hourwheel {

int confirm(Terminal& terminal, const std::string& question) {
  if (!terminal.facts().can_ask) {
    return complain(question + " Nobody can be asked here: say --yes.", kUsage);
  }
  const auto said = terminal.ask(question + " [y/N]");
  if (said && (*said == "y" || *said == "Y" || *said == "yes")) return kOk;
  std::fprintf(stderr, "nothing was changed\n");
  return kFailure;
}

}  // namespace hourwheel
