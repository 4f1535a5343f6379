#include "tests/e2e/older_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <utility>

#include "store/database.h"
#include "store/layout.h"
#include "store/schema.h"
#include "store/shard_store.h"

namespace hourwheel {
namespace {

namespace fs = std::filesystem;

using Schema = std::span<const std::string_view>;
// By type and name: the text.
using Objects = std::map<std::pair<std::string, std::string>, std::string>;

Objects objects_of(Database& database) {
  Objects found;
  Statement all(database, "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL");
  Rows rows = all.rows();
  while (rows.next()) {
    found[{std::string(rows.bytes(0)), std::string(rows.bytes(1))}] = rows.bytes(2);
  }
  EXPECT_TRUE(rows.status());
  return found;
}

std::unique_ptr<Database> open_file(const std::string& path, uint32_t owner, Schema schema) {
  DatabaseOptions options;
  options.path = path;
  options.application_id = owner;
  options.schema = schema;
  auto database = Database::open(options);
  EXPECT_TRUE(database) << (database ? "" : database.error().detail);
  return database ? std::move(*database) : nullptr;
}

Objects objects_in_fresh(const std::string& path, Schema schema) {
  Objects found;
  if (auto fresh = open_file(path, kShardApplicationId, schema)) found = objects_of(*fresh);
  for (const char* part : {"", "-wal", "-shm"}) fs::remove(path + part);
  return found;
}

void make_file_older(const std::string& path, uint32_t owner, Schema schema) {
  ASSERT_GT(schema.size(), 1U) << "there is no older version";
  const std::string scratch = path + ".scratch";
  const Objects first = objects_in_fresh(scratch, schema.first(1));
  const Objects newest = objects_in_fresh(scratch, schema);
  for (const auto& [name, text] : first) {
    auto kept = newest.find(name);
    ASSERT_TRUE(kept != newest.end() && kept->second == text)
        << name.second << " was changed by a later step: it cannot be made older by taking out";
  }
  auto database = open_file(path, owner, schema);
  ASSERT_TRUE(database);
  for (const auto& [name, text] : newest) {
    if (first.contains(name)) continue;
    Status dropped = database->execute("DROP " + name.first + " IF EXISTS " + name.second);
    ASSERT_TRUE(dropped) << dropped.error().detail;
  }
  ASSERT_TRUE(database->execute("PRAGMA user_version=1"));
  ASSERT_TRUE(database->checkpoint(CheckpointKind::kTruncate));
}

}  // namespace

void make_older(const std::string& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".db")) continue;
    if (name == "system.db") {
      make_file_older(entry.path().string(), kSystemApplicationId, system_schema());
    } else {
      make_file_older(entry.path().string(), kShardApplicationId, shard_schema());
    }
  }
}

}  // namespace hourwheel
