#include "tools/hourwheel/options_db.h"

#include "tools/hourwheel/options_words.h"

namespace hourwheel {

Verb add_db(Verb app, DbOptions& options) {
  const Verb db = app.add_verb("db", "Check, back up and restore data folders");
  db.require_verb();
  const Verb check = db.add_verb("check", "Look at every row of a folder no server uses");
  check.footer(
      "Exit codes: 0 nothing is damaged, 1 something is, 2 it could not be looked at (in use,\n"
      "not a data folder, input or output failed).\n"
      "Examples:\n"
      "  hourwheel db check data\n"
      "  hourwheel db check data -o ndjson   (a file a line)");
  add_output(check, options.output);
  const Verb backup = db.add_verb(
      "backup", "Copy a data folder; of one in use its server makes the copies of the shard files");
  backup.add_option("--to", options.to, "A folder that is absent or empty").required();
  add_quiet(backup, options.quiet);
  add_server(backup, options.server);
  const Verb restore = db.add_verb("restore", "Make a data folder from a backup");
  restore.add_option("--from", options.from, "The backup").required();
  restore.add_option("--to", options.to, "The data folder to make: absent or empty").required();
  restore.footer(
      "What was due between the backup and now may have been sent by the former server: it is "
      "sent\n"
      "again, flagged as a possible duplicate; runs to be sent at most once end `unknown`.");
  const Verb give_up = db.add_verb(
      "give-up", "Go on without the changes behind damage in a write-ahead log (see db check)");
  give_up.footer(
      "They are lost: prefer a backup if there is one. Otherwise the folder is as it was before "
      "them, and\nis treated like a restored one: what may have been sent since is flagged.");
  for (const Verb one : {check, backup, give_up}) {
    one.add_option("folder", options.data_dir, "The data folder")
        .envname("HOURWHEEL_DATA")
        .show_default();
  }
  check.callback([&options] { options.verb = DbVerb::kCheck; });
  backup.callback([&options] { options.verb = DbVerb::kBackup; });
  restore.callback([&options] { options.verb = DbVerb::kRestore; });
  give_up.callback([&options] { options.verb = DbVerb::kGiveUp; });
  return db;
}

}  // namespace hourwheel
