#include "tools/hourwheel/options_follow.h"

#include "tools/hourwheel/options_words.h"

namespace hourwheel {

Verb add_follow(Verb app, FollowOptions& options) {
  const Verb follow = app.add_verb("watch", "Show what happens, as it happens");
  follow.add_option("--type", options.types,
                    "Only such events: task.created, task.updated, task.deleted, run.retrying, "
                    "run.ended; may be said again");
  add_filter(follow, "--task", options.task_id, "Only those of this task");
  add_output(follow, options.output);
  follow.footer(
      "It goes on where it was when the server was away, until it is interrupted.\n"
      "Examples:\n"
      "  hourwheel watch --type run.ended\n"
      "  hourwheel watch --task report -o ndjson");
  add_server(follow, options.server);
  return follow;
}

}  // namespace hourwheel
