#include "tools/hourwheel/options_key.h"

#include "tools/hourwheel/options_words.h"

namespace hourwheel {

Verb add_key(Verb app, KeyOptions& options) {
  const Verb key = app.add_verb("key", "Make, list and revoke API keys");
  key.require_verb();
  const Verb create = key.add_verb("create", "Make a key; it is shown once");
  create.add_option("--name", options.name, "Who or what it is for").required();
  create.add_option("--role", options.role, "viewer, operator, editor or admin");
  create.add_option(
      "--scope", options.scopes,
      "tasks:read, tasks:write, tasks:trigger, runs:read, metrics:read, "
      "cluster:admin, keys:admin, audit:read, secrets:write; may be said again, and beside a role");
  create.add_option("--network", options.networks,
                    "It may come from here only, as 10.0.0.0/8; may be said again");
  add_labels(
      create, options.labels,
      "It reaches only tasks with this label, key:value or key=value; may be said again, all "
      "must be there");
  create.add_option("--expires", options.expires,
                    "When it ends: 2030-01-01T00:00:00Z, or 90d from now (default: never)");
  create.add_option("--rate-limit", options.rate_limit,
                    "What it may ask for, as 100/10s: operations in a time (default: no bound)");
  create
      .add_option("--max-tasks", options.max_tasks,
                  "How many tasks that it made may be there (default: no bound)")
      .positive();
  create.footer(
      "Examples:\n"
      "  hourwheel key create --data data --name first --role admin   (no server runs there)\n"
      "  hourwheel key create --name ci --role editor --expires 90d   (with HOURWHEEL_TOKEN set)\n"
      "  hourwheel key create --name billing --role editor --label team=billing");
  const Verb list = key.add_verb("list", "Show the keys, but not their secrets");
  const Verb revoke = key.add_verb("revoke", "Take a key away, at once and for good");
  revoke.add_option("id", options.id, "The key's id, between hw_ and the next _").required();
  add_yes(revoke, options.yes);
  revoke.footer(
      "The tasks that it made stay.\n"
      "Examples:\n"
      "  hourwheel key revoke 4uJ2kPq0Zd\n"
      "  hourwheel key revoke 4uJ2kPq0Zd --data data --yes   (no server runs there)");
  for (const Verb one : {create, list, revoke}) {
    one.add_option("--data", options.data_dir,
                   "In this data folder, which no server uses, instead of asking one");
    add_output(one, options.output);
    add_server(one, options.server);
  }
  create.callback([&options] { options.verb = KeyVerb::kCreate; });
  list.callback([&options] { options.verb = KeyVerb::kList; });
  revoke.callback([&options] { options.verb = KeyVerb::kRevoke; });
  return key;
}

}  // namespace hourwheel
