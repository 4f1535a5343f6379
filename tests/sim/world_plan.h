// What makes a world: the same plan, the same world, bit for bit. As options of the command line it
// is a seed, a store, and what is left out of what the seed draws.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/disk.h"
#include "tests/sim/features.h"

namespace hourwheel {

struct WorldPlan {
  uint64_t seed = 1;
  StoreKind store = StoreKind::kModel;
  std::vector<std::string_view> off;  // names of feature_switches()
  uint32_t commands = 0;              // 0: as many as the seed draws

  [[nodiscard]] Features features() const;
  // "--seed=3 --store=real --off=crashes,cron --commands=20"
  [[nodiscard]] std::string options() const;
};

inline const char* name_of(StoreKind store) {
  return store == StoreKind::kModel ? "model" : "real";
}

}  // namespace hourwheel
