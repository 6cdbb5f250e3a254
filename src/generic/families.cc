#include "generic/families.h"

#include <array>

#include "collections/families.h"
#include "commands/command_table.h"
#include "streams/families.h"
#include "strings/families.h"

namespace banyan::generic {

std::span<const commands::Family> data_families() {
  static const std::array families = {strings::string_commands(),
                                      collections::list_commands(),
                                      generic_commands(),
                                      generic_move_commands(),
                                      expire_commands(),
                                      scan_commands(),
                                      object_commands(),
                                      dump_commands(),
                                      collections::set_commands(),
                                      sort_commands(),
                                      collections::set_random_commands(),
                                      collections::set_algebra_commands(),
                                      collections::hash_commands(),
                                      collections::sorted_set_commands(),
                                      collections::geo_commands(),
                                      streams::stream_commands(),
                                      strings::bitmap_commands(),
                                      strings::hyperloglog_commands(),
                                      commands::command_commands()};
  return families;
}

}  // namespace banyan::generic
