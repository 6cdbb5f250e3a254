// KernelFiles: the Files of env.h over the file system. Everything is opened close-on-exec; errors
// name the operation, the path and strerror's words.
//
// Invariants   A File may be read and written wherever the permissions allow it. One from
//              open_append writes at the end, always, whatever was seeked or truncated.
// Threads      KernelFiles: any thread. A File: one thread at a time.
// Failure      Result. A write_all that failed may have written a part.
#pragma once

#include "base/env.h"

namespace banyan::os {

class KernelFiles final : public Files {
 public:
  Result<std::unique_ptr<File>> open_read(const std::string& path) override;
  Result<std::unique_ptr<File>> create(const std::string& path) override;
  Result<std::unique_ptr<File>> open_append(const std::string& path) override;
  bool exists(const std::string& path) override;
  Result<> rename(const std::string& from, const std::string& to) override;
  Result<> remove(const std::string& path) override;
  Result<> make_directories(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<> sync_directory(const std::string& path) override;
  Result<std::string> working_directory() override;
  Result<> change_directory(const std::string& path) override;
};

}  // namespace banyan::os
