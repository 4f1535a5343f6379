// One visitor of a variant out of several functions, one for each of its kinds.
#pragma once

namespace hourwheel {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace hourwheel
