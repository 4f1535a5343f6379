#include "tools/hourwheel/options_secret.h"

#include "tools/hourwheel/options_words.h"

namespace hourwheel {

Verb add_secret(Verb app, SecretOptions& options) {
  const Verb secret = app.add_verb("secret", "Keep, list and delete what targets ask for");
  secret.require_verb();
  const Verb set = secret.add_verb("set", "Keep a value, or put it in place of another one");
  add_id(set, options.name, "name", "Of the secret, as tasks name it").required();
  set.add_option("--from-file", options.from_file,
                 "The value is in this file, without the end of its last line; - reads standard "
                 "input (default: it is asked for, and not shown)");
  const Option host = set.add_option(
      "--host", options.hosts,
      "It is sent to this host only; may be said again (default: to those it is for already, a "
      "new one to any)");
  set.add_flag("--any-host", options.any_host, "It may be sent to any host").excludes(host);
  set.add_option("--keep-previous", options.keep_previous,
                 "The value before goes on signing for so long, as 24h; at most 30d");
  set.footer(
      "Examples:\n"
      "  hourwheel secret set crm-token --host crm.example.com\n"
      "  pass show crm | hourwheel secret set crm-token --from-file - --keep-previous 24h");
  const Verb list = secret.add_verb("list", "Show the secrets, but not their values");
  list.footer("Examples:\n  hourwheel secret list\n  hourwheel secret list -o json");
  const Verb remove = secret.add_verb("delete", "Delete one, at once and for good");
  add_id(remove, options.name, "name", "Of the secret").required();
  add_yes(remove, options.yes);
  remove.footer(
      "Attempts of tasks that name it fail as secret_missing from then on.\n"
      "Examples:\n"
      "  hourwheel secret delete crm-token\n"
      "  hourwheel secret delete crm-token --data data   (no server runs there)");
  for (const Verb one : {list, remove}) {
    one.add_option("--data", options.data_dir,
                   "In this data folder, which no server uses, instead of asking one");
  }
  for (const Verb one : {set, list, remove}) {
    add_output(one, options.output);
    add_server(one, options.server);
  }
  set.callback([&options] { options.verb = SecretVerb::kSet; });
  list.callback([&options] { options.verb = SecretVerb::kList; });
  remove.callback([&options] { options.verb = SecretVerb::kDelete; });
  return secret;
}

}  // namespace hourwheel
