#include "tools/hourwheel/options_context.h"

#include <CLI/CLI.hpp>
#include <sstream>

#include "tools/hourwheel/options_words.h"

namespace hourwheel {
namespace {

// What a name may be made of stands in TOML without quotes.
std::string refuse_name(const std::string& name) {
  constexpr const char* kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  const bool good = !name.empty() && name.find_first_not_of(kLetters) == std::string::npos;
  return good ? "" : "a context's name is made of letters, digits, - and _";
}

// Null: it has none of that name.
std::string* member_of(Context& context, const std::string& name) {
  if (name == "server") return &context.server;
  if (name == "key_file") return &context.key_file;
  if (name == "key") return &context.key;
  if (name == "ca") return &context.tls.ca;
  if (name == "client_certificate") return &context.tls.certificate;
  return name == "client_key" ? &context.tls.key : nullptr;
}

Status take_member(const CLI::ConfigItem& item, Contexts& contexts) {
  const std::string value = item.inputs.empty() ? "" : item.inputs.front();
  if (item.parents.empty() && item.name == "current") {
    contexts.current = value;
    return {};
  }
  const bool of_context = item.parents.size() == 2 && item.parents.front() == "contexts";
  std::string* member =
      of_context ? member_of(contexts.at(item.parents.back()), item.name) : nullptr;
  if (member == nullptr) {
    return failure(ErrorCode::kUnknownField, "", "nobody knows " + item.fullname());
  }
  *member = value;
  return {};
}

}  // namespace

CLI::App* add_context(CLI::App& app, ContextOptions& options) {
  CLI::App* context = app.add_subcommand("context", "Name servers, and choose between them");
  context->require_subcommand(1);
  add_output(*context, options.output);
  context->fallthrough();
  auto add = [&](const Words& words, ContextVerb verb) {
    CLI::App* one = context->add_subcommand(words.name, words.what);
    one->footer(words.examples);
    one->callback([&options, verb] { options.verb = verb; });
    return one;
  };
  add({"list", "Show them; the current one has a star",
       "Examples:\n"
       "  hourwheel context list\n"
       "  hourwheel context list -o name"},
      ContextVerb::kList);
  CLI::App* use = add({"use", "Make one the current one",
                       "Examples:\n"
                       "  hourwheel context use prod\n"
                       "  hourwheel task list --context prod   (for one command)"},
                      ContextVerb::kUse);
  CLI::App* set =
      add({"set", "Make one, or change it; the first one is the current one",
           "Examples:\n"
           "  hourwheel context set local --server http://127.0.0.1:8080\n"
           "  hourwheel context set prod --key-file ~/.config/hourwheel/prod.key\n"
           "  hourwheel context set prod --server https://scheduler.example --ca ca.pem"},
          ContextVerb::kSet);
  set->add_option("--server", options.server, "The server's URL");
  set->add_option("--key-file", options.key_file,
                  "File with the API key in its first line; only you may read it");
  add_client_tls(*set, options.tls);
  CLI::App* remove = add({"remove", "Forget one",
                          "Examples:\n"
                          "  hourwheel context remove prod\n"
                          "  hourwheel context list -o name | xargs -n 1 hourwheel context remove"},
                         ContextVerb::kRemove);
  CLI::App* show = add({"show", "Which server a command asks now, or one context",
                        "Examples:\n"
                        "  hourwheel context show\n"
                        "  hourwheel context show prod"},
                       ContextVerb::kShow);
  for (CLI::App* one : {use, set, remove, show}) {
    one->add_option("name", options.name, "The context's name")
        ->check(refuse_name)
        ->required(one != show);
  }
  return context;
}

// Section marks of CLI11 ("++", "--") name no member.
Result<Contexts> parse_contexts(std::istream& in) {
  Contexts contexts;
  try {
    std::istringstream text(without_hidden_comments(in));
    for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(text)) {
      if (item.name == "++" || item.name == "--") continue;
      if (Status taken = take_member(item, contexts); !taken) {
        return failure(std::move(taken.error()));
      }
    }
  } catch (const CLI::Error& error) {
    return failure(ErrorCode::kValidationFailed, "", error.what());
  }
  return contexts;
}

}  // namespace hourwheel
