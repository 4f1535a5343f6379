#include "store/shard_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/builders.h"

namespace hourwheel {
namespace {

using store_test::Folder;
using store_test::made;
using store_test::open_shard;
using store_test::record_of;

TEST(ShardStore, GivesBackWhatWasCommitted) {
  Folder folder;
  auto store = open_shard(folder);
  Batch batch;
  batch.counter = 2;
  batch.tasks.push_back(made(1, kFirstDue));
  batch.tasks.push_back(made(2, kFirstDue + seconds(1)));
  ASSERT_TRUE(store->commit(batch));

  Fetched fetched = store->fetch({{batch.tasks[0].key, {}}, {{}, {2}}, {task_key("none"), {}}});
  ASSERT_EQ(fetched.found.size(), 3U);
  ASSERT_TRUE(fetched.found[0]);
  EXPECT_EQ(fetched.found[0]->spec, *batch.tasks[0].spec);
  EXPECT_EQ(fetched.found[0]->state, batch.tasks[0].state);
  EXPECT_EQ(fetched.found[1]->key, batch.tasks[1].key);
  EXPECT_EQ(fetched.found[2].error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace hourwheel
