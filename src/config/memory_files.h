// MemoryFiles: a Files without a disk, for tests and fuzz targets of this folder.
//
// Threads   None.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/env.h"

namespace banyan::config {

class MemoryFiles final : public Files {
 public:
  std::map<std::string, std::string> contents;  // by path, as it was given
  std::string directory = "/data";
  bool is_full = false;  // every write fails

  Result<std::unique_ptr<File>> open_read(const std::string& path) override {
    if (!contents.contains(path)) return fail(Errc::io, "No such file or directory");
    return std::make_unique<Open>(*this, contents[path]);
  }
  Result<std::unique_ptr<File>> create(const std::string& path) override {
    contents[path].clear();
    return std::make_unique<Open>(*this, contents[path]);
  }
  Result<std::unique_ptr<File>> open_append(const std::string& path) override {
    return std::make_unique<Open>(*this, contents[path]);
  }
  bool exists(const std::string& path) override { return contents.contains(path); }
  Result<> rename(const std::string& from, const std::string& to) override {
    contents[to] = std::move(contents[from]);
    contents.erase(from);
    return {};
  }
  Result<> remove(const std::string& path) override {
    contents.erase(path);
    return {};
  }
  Result<> make_directories(const std::string&) override { return {}; }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    const std::string start = folder == "." ? "" : folder.ends_with('/') ? folder : folder + '/';
    std::vector<std::string> names;
    for (const auto& [path, content] : contents) {
      if (!path.starts_with(start)) continue;
      const std::string name =
          path.substr(start.size(), path.find('/', start.size()) - start.size());
      if (!name.empty() && (names.empty() || names.back() != name)) names.push_back(name);
    }
    return names;
  }
  Result<> sync_directory(const std::string&) override { return {}; }
  Result<std::string> working_directory() override { return directory; }
  Result<> change_directory(const std::string& path) override {
    directory = path;
    return {};
  }

 private:
  class Open final : public File {
   public:
    Open(MemoryFiles& files, std::string& content) : files_(files), content_(content) {}
    Result<std::size_t> read(char* to, std::size_t room) override {
      const std::size_t count = content_.copy(to, room, position_);
      position_ += count;
      return count;
    }
    Result<> write_all(Bytes data) override {
      if (files_.is_full) return fail(Errc::io, "No space left on device");
      content_ += data;
      return {};
    }
    Result<> sync() override { return {}; }
    Result<std::uint64_t> size() override { return content_.size(); }
    Result<> truncate(std::uint64_t size) override {
      content_.resize(size);
      return {};
    }
    Result<> seek(std::uint64_t position) override {
      position_ = std::min<std::size_t>(position, content_.size());
      return {};
    }

   private:
    MemoryFiles& files_;
    std::string& content_;
    std::size_t position_ = 0;
  };
};

}  // namespace banyan::config
