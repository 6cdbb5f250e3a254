#include "server/lolwut.h"

#include <array>

#include "base/bytes.h"

namespace banyan::server {

namespace {

constexpr std::size_t kWidth = 48;
constexpr std::size_t kMiddle = kWidth / 2;
constexpr std::array<std::size_t, 5> kCrown = {9, 15, 19, 22, 21};  // half the width of each row
constexpr std::size_t kHeight = 7;                                  // from the crown to the ground
constexpr Bytes kLeaves = "@@&&%*o";

}  // namespace

std::string draw_banyan(Rng& rng) {
  std::string picture;
  for (const std::size_t half : kCrown) {
    picture.append(kMiddle - half, ' ');
    for (std::size_t i = 0; i < 2 * half; ++i) picture += kLeaves[rng.below(kLeaves.size())];
    picture += '\n';
  }
  // How far the root that hangs from each column has come; those that reach the ground are trunks.
  std::array<std::size_t, kWidth> roots{};
  for (std::size_t x = kMiddle - kCrown.back(); x < kMiddle + kCrown.back(); ++x)
    if (rng.below(4) == 0) roots[x] = 1 + rng.below(kHeight);
  for (std::size_t x = kMiddle - 2; x < kMiddle + 2; ++x) roots[x] = kHeight;
  for (std::size_t y = 0; y < kHeight; ++y) {
    std::string row;
    for (const std::size_t root : roots) row += root > y ? '|' : ' ';
    row.erase(row.find_last_not_of(' ') + 1);
    picture += row + '\n';
  }
  return picture + std::string(kWidth, '~') + '\n';
}

}  // namespace banyan::server
