#include "tools/hourwheel/shard_file.h"

#include <cstdlib>
#include <utility>

#include "store/shard_store.h"
#include "tools/hourwheel/log.h"

namespace hourwheel {

Result<std::unique_ptr<ShardFile>> ShardFile::open(const DataFolder& folder, uint32_t shard,
                                                   const RunLogLimits& log, Doorbell& bell,
                                                   StorageRoom& room) {
  ShardStoreOptions options;
  options.path = folder.shard_file(shard);
  options.shard = shard;
  options.log = log;
  auto store = ShardStore::open(options);
  if (!store) return failure(std::move(store.error()));
  std::unique_ptr<ShardFile> file(new ShardFile(bell));
  file->thread_ = std::make_unique<StoreThread>(std::move(*store), *file, *file, room);
  return file;
}

void ShardFile::on_store_failed() {
  auto why = thread_->failed();
  log_line(LogLevel::kError,
           "a data file failed, stopping at once: " + (why ? why->detail : "for unknown reasons"));
  std::_Exit(kStoreFailedExit);
}

}  // namespace hourwheel
