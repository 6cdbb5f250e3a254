#include "base/env.h"

#include <array>

#include <fmt/format.h>

namespace banyan {

std::string Address::to_string() const {
  if (!path.empty()) return path + ":0";
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

bool Address::is_loopback() const {
  return !path.empty() || host.starts_with("127.") || host == "::1" ||
         host.starts_with("::ffff:127.");
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<std::string> read_whole_file(Files& files, const std::string& path) {
  TRY(std::unique_ptr<File> file, files.open_read(path));
  std::string out;
  std::array<char, 16384> chunk;
  while (true) {
    TRY(const std::size_t count, file->read(chunk.data(), chunk.size()));
    if (count == 0) return out;
    out.append(chunk.data(), count);
  }
}

Result<> write_whole_file(Files& files, const std::string& path, Bytes data) {
  const std::string temporary = path + ".tmp";
  TRY_IN(std::unique_ptr<File> file, files.create(temporary), "create " + temporary);
  TRY_DO(file->write_all(data));
  TRY_DO(file->sync());
  file.reset();
  TRY_DO(files.rename(temporary, path));
  TRY_DO(files.sync_directory(directory_of(path)));
  return {};
}

static void fill_hex(std::string& out, std::span<const char> raw) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const char c : raw) {
    out += kDigits[(static_cast<unsigned char>(c) >> 4) & 15];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
}

std::string random_hex(Env& env, std::size_t digits) {
  std::string raw((digits + 1) / 2, '\0');
  env.fill_random(raw);
  std::string out;
  fill_hex(out, raw);
  out.resize(digits);
  return out;
}

std::uint64_t random_seed(Env& env) {
  std::array<char, sizeof(std::uint64_t)> raw{};
  env.fill_random(raw);
  return load<std::uint64_t>(raw.data());
}

}  // namespace banyan
