#include "os/process_title.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

namespace banyan::os {

namespace {

// As /proc/self/stat has them: where the arguments and the environment began and ended.
struct Places {
  std::uintptr_t arguments_begin = 0, arguments_end = 0;
  std::uintptr_t environment_begin = 0, environment_end = 0;
};

Places find_places() {
  constexpr int kFieldsBefore = 45;  // between the name in brackets and arguments_begin
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < kFieldsBefore; ++i) fields >> skipped;
  Places places;
  fields >> places.arguments_begin >> places.arguments_end >> places.environment_begin >>
      places.environment_end;
  return fields ? places : Places{};
}

bool lies_in(const char* text, const Places& places) {
  const auto at = reinterpret_cast<std::uintptr_t>(text);
  return at >= places.arguments_begin &&
         at < std::max(places.arguments_end, places.environment_end);
}

// Copies live as long as the process: whoever asked for a variable may still have it. Once they
// have moved, they do not move again.
void move_environment(const Places& places) {
  std::size_t count = 0;
  bool is_there = false;
  for (; environ != nullptr && environ[count] != nullptr; ++count)
    is_there = is_there || lies_in(environ[count], places);
  if (!is_there) return;
  char** const moved = new char*[count + 1];
  for (std::size_t i = 0; i < count; ++i) moved[i] = ::strdup(environ[i]);
  moved[count] = nullptr;
  environ = moved;
}

// The C library's own messages begin with them.
void move_names(const Places& places) {
  for (char** const name : {&program_invocation_name, &program_invocation_short_name})
    if (lies_in(*name, places)) *name = ::strdup(*name);
}

}  // namespace

void ProcessTitle::find_room() {
  is_ready_ = true;
  const Places places = find_places();
  if (places.arguments_begin == 0 || places.arguments_end <= places.arguments_begin) return;
  move_names(places);
  std::uintptr_t end = places.arguments_end;
  if (places.environment_begin == end && places.environment_end > end) {
    end = places.environment_end;
    move_environment(places);
  }
  // The only way to get at memory that the kernel names by number.
  room_ = std::span(reinterpret_cast<char*>(places.arguments_begin), end - places.arguments_begin);
  arguments_bytes_ = places.arguments_end - places.arguments_begin;
}

void ProcessTitle::set(Bytes title) {
  if (!is_ready_) find_room();
  if (room_.empty()) return;
  const std::size_t size = std::min(title.size(), room_.size() - 1);
  std::fill(std::copy_n(title.begin(), size, room_.begin()), room_.end(), '\0');
  // Or all the zeros behind a short title would be shown as arguments.
  if (size + 1 < arguments_bytes_) room_[arguments_bytes_ - 1] = '.';
}

}  // namespace banyan::os
