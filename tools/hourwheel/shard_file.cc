#include "tools/hourwheel/shard_file.h"

#include <cstdlib>
#include <string>
#include <utility>

#include "store/shard_store.h"

namespace hourwheel {

Result<std::unique_ptr<ShardFile>> ShardFile::open(const DataFolder& folder, uint32_t shard,
                                                   const RunLogLimits& limits,
                                                   const Around& around) {
  ShardStoreOptions options;
  options.path = folder.shard_file(shard);
  options.shard = shard;
  options.log = limits;
  auto store = ShardStore::open(options);
  if (!store) return failure(std::move(store.error()));
  std::unique_ptr<ShardFile> file(new ShardFile(around.bell, around.log, options.path));
  file->thread_ = std::make_unique<StoreThread>(std::move(*store), *file, *file, around.room);
  return file;
}

void ShardFile::on_store_failed() {
  auto why = thread_->failed();
  log_.say(LogLevel::kError,
           "a data file failed, stopping at once: " + (why ? why->detail : "for unknown reasons"));
  log_.flush();
  std::_Exit(kStoreFailedExit);
}

void ShardFile::on_damage(const Error& first, uint64_t rows) {
  log_.say(LogLevel::kError, path_ + " is damaged: " + first.detail + " (met " +
                                 std::to_string(rows) +
                                 " times so far); what cannot be read does not fire. Look at all "
                                 "of it with hourwheel db check, when the server is stopped");
}

}  // namespace hourwheel
