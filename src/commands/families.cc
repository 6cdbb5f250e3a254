#include "commands/families.h"

#include <array>

#include "commands/registry.h"

namespace banyan::commands {

std::span<const Family> data_families() {
  static const std::array families = {
      string_commands(), list_commands(),        generic_commands(),    generic_move_commands(),
      expire_commands(), scan_commands(),        object_commands(),     dump_commands(),
      set_commands(),    sort_commands(),        set_random_commands(), set_algebra_commands(),
      hash_commands(),   sorted_set_commands(),  geo_commands(),        stream_commands(),
      bitmap_commands(), hyperloglog_commands(), command_commands()};
  return families;
}

}  // namespace banyan::commands
