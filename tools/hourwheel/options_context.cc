#include "tools/hourwheel/options_context.h"

#include <utility>

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

Status take_member(const TomlEntry& entry, Contexts& contexts) {
  if (entry.parents.empty() && entry.name == "current") {
    contexts.current = entry.value;
    return {};
  }
  const bool of_context = entry.parents.size() == 2 && entry.parents.front() == "contexts";
  std::string* member =
      of_context ? member_of(contexts.at(entry.parents.back()), entry.name) : nullptr;
  if (member == nullptr) {
    return failure(ErrorCode::kUnknownField, "", "nobody knows " + entry.full_name);
  }
  *member = entry.value;
  return {};
}

}  // namespace

Verb add_context(Verb app, ContextOptions& options) {
  const Verb context = app.add_verb("context", "Name servers, and choose between them");
  context.require_verb();
  add_output(context, options.output);
  context.fallthrough();
  auto add = [&](const Words& words, ContextVerb verb) {
    const Verb one = context.add_verb(words.name, words.what);
    one.footer(words.examples);
    one.callback([&options, verb] { options.verb = verb; });
    return one;
  };
  add({"list", "Show them; the current one has a star",
       "Examples:\n"
       "  hourwheel context list\n"
       "  hourwheel context list -o name"},
      ContextVerb::kList);
  const Verb use = add({"use", "Make one the current one",
                        "Examples:\n"
                        "  hourwheel context use prod\n"
                        "  hourwheel task list --context prod   (for one command)"},
                       ContextVerb::kUse);
  const Verb set =
      add({"set", "Make one, or change it; the first one is the current one",
           "Examples:\n"
           "  hourwheel context set local --server http://127.0.0.1:8080\n"
           "  hourwheel context set prod --key-file ~/.config/hourwheel/prod.key\n"
           "  hourwheel context set prod --server https://scheduler.example --ca ca.pem\n"
           "  hourwheel context set prod --server https://scheduler.example -o json"},
          ContextVerb::kSet);
  set.add_option("--server", options.server, "The server's URL");
  set.add_option("--key-file", options.key_file,
                 "File with the API key in its first line; only you may read it");
  add_client_tls(set, options.tls);
  const Verb remove =
      add({"remove", "Forget one",
           "Examples:\n"
           "  hourwheel context remove prod\n"
           "  hourwheel context list -o name | xargs -n 1 hourwheel context remove"},
          ContextVerb::kRemove);
  const Verb show = add({"show", "Which server a command asks now, or one context",
                         "Examples:\n"
                         "  hourwheel context show\n"
                         "  hourwheel context show prod"},
                        ContextVerb::kShow);
  for (const Verb one : {use, set, remove, show}) {
    one.add_option("name", options.name, "The context's name")
        .check(refuse_name)
        .required(one != show);
  }
  return context;
}

Result<Contexts> parse_contexts(std::istream& in) {
  auto entries = read_toml(in);
  if (!entries) return failure(std::move(entries.error()));
  Contexts contexts;
  for (const TomlEntry& entry : *entries) {
    if (Status taken = take_member(entry, contexts); !taken) {
      return failure(std::move(taken.error()));
    }
  }
  return contexts;
}

}  // namespace hourwheel
