// A small file system in memory that a test can fill to the last byte. Mounting needs root; where
// it is not permitted, mounted() is false and the reason was printed.
#pragma once

#include <string>

namespace hourwheel {

class SmallVolume {
 public:
  explicit SmallVolume(unsigned mebibytes);
  ~SmallVolume();
  SmallVolume(const SmallVolume&) = delete;
  SmallVolume& operator=(const SmallVolume&) = delete;

  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  // Takes space until this much is free, or nothing more is to be had.
  void fill_up_to(unsigned mebibytes_left);
  // Gives all of that back.
  void empty();

 private:
  std::string path_;
  bool mounted_ = false;
};

}  // namespace hourwheel
