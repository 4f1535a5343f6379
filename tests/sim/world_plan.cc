#include "tests/sim/world_plan.h"

#include <algorithm>

namespace hourwheel {

Features WorldPlan::features() const {
  Features features = Features::of(seed);
  for (const FeatureSwitch& one : feature_switches()) {
    if (std::find(off.begin(), off.end(), one.name) != off.end()) one.off(features);
  }
  if (commands > 0) features.commands = commands;
  return features;
}

std::string WorldPlan::options() const {
  std::string text = "--seed=" + std::to_string(seed) + " --store=" + name_of(store);
  for (size_t i = 0; i < off.size(); ++i) {
    text += i == 0 ? " --off=" : ",";
    text += off[i];
  }
  if (commands > 0) text += " --commands=" + std::to_string(commands);
  return text;
}

}  // namespace hourwheel
