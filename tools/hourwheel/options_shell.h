// The verbs that are about the command line itself: completion, man and __complete.
#pragma once

#include <cstdint>
#include <string>

#include "tools/hourwheel/completion.h"
#include "tools/hourwheel/connection.h"
#include "tools/hourwheel/verb_table.h"

namespace hourwheel {

class Verb;

enum class ManualPage : uint8_t { kCommand, kSettings };
enum class ShellVerb : uint8_t { kCompletion, kManual, kComplete };

struct ShellOptions {
  ShellVerb verb = ShellVerb::kManual;
  Shell shell = Shell::kBash;              // kCompletion
  ManualPage page = ManualPage::kCommand;  // kManual
  std::string kind;                        // kComplete: tasks, runs or contexts
  std::string begin;                       // kComplete: of the word
  ServerChoice server;
};

// Three verbs; which one was said is found in options.verb after the parse.
std::vector<Verb> add_shell(Verb app, ShellOptions& options);

// What the parser knows, but for verbs without a group, which are not for people.
VerbWords table_of(Verb app);

}  // namespace hourwheel
