// What the store threads know of the room on the volume they share (C-21); StorageWatch is the real
// one.
//
// Thread: any store thread, at any time; may block on the file system.
#pragma once

#include "engine/storage.h"

namespace hourwheel {

class StorageRoom {
 public:
  virtual ~StorageRoom() = default;
  // Looks at the volume, and keeps the ballast there if there is room for it.
  virtual StorageState look() = 0;
  // A write found no space. True: some was made, so that it is worth trying again at once.
  virtual bool make_room() = 0;
  // A commit waits for space, and one that waited has come through.
  virtual void commit_stuck() = 0;
  virtual void commit_went() = 0;
};

}  // namespace hourwheel
