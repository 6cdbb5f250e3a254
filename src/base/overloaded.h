// overloaded: several lambdas as one visitor of a variant.
#pragma once

namespace banyan {

template <class... Fns>
struct overloaded : Fns... {
  using Fns::operator()...;
};
template <class... Fns>
overloaded(Fns...) -> overloaded<Fns...>;

}  // namespace banyan
