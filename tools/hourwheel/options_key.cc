#include "tools/hourwheel/options_key.h"

#include <CLI/CLI.hpp>

#include "tools/hourwheel/options_words.h"

namespace hourwheel {

CLI::App* add_key(CLI::App& app, KeyOptions& options) {
  CLI::App* key = app.add_subcommand("key", "Make, list and revoke API keys");
  key->require_subcommand(1);
  CLI::App* create = key->add_subcommand("create", "Make a key; it is shown once");
  create->add_option("--name", options.name, "Who or what it is for")->required();
  create->add_option("--role", options.role, "viewer, operator, editor or admin");
  create->add_option(
      "--scope", options.scopes,
      "tasks:read, tasks:write, tasks:trigger, runs:read, metrics:read, "
      "cluster:admin, keys:admin, audit:read, secrets:write; may be said again, and beside a role");
  create->add_option("--network", options.networks,
                     "It may come from here only, as 10.0.0.0/8; may be said again");
  create->add_option("--expires", options.expires,
                     "When it ends: 2030-01-01T00:00:00Z, or 90d from now (default: never)");
  create->add_option("--rate-limit", options.rate_limit,
                     "What it may ask for, as 100/10s: operations in a time (default: no bound)");
  create
      ->add_option("--max-tasks", options.max_tasks,
                   "How many tasks that it made may be there (default: no bound)")
      ->check(CLI::PositiveNumber);
  create->footer(
      "Examples:\n"
      "  hourwheel key create --data data --name first --role admin   (no server runs there)\n"
      "  hourwheel key create --name ci --role editor --expires 90d   (with HOURWHEEL_TOKEN set)");
  CLI::App* list = key->add_subcommand("list", "Show the keys, but not their secrets");
  CLI::App* revoke = key->add_subcommand("revoke", "Take a key away, at once and for good");
  revoke->add_option("id", options.id, "The key's id, between hw_ and the next _")->required();
  for (CLI::App* one : {create, list, revoke}) {
    one->add_option("--data", options.data_dir,
                    "In this data folder, which no server uses, instead of asking one");
    add_server(*one, options.server);
  }
  create->callback([&options] { options.verb = KeyVerb::kCreate; });
  list->callback([&options] { options.verb = KeyVerb::kList; });
  revoke->callback([&options] { options.verb = KeyVerb::kRevoke; });
  return key;
}

}  // namespace hourwheel
