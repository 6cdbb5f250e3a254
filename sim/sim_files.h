// SimFiles: one process's view of its machine's Disk, as Files. Knows the working directory.
//
// Threads   None.
// Failure   As disk.h says. When the process is dead, writes are accepted and lost: its destructors
//           and the rest of its last callback must not touch the disk, and must not be disturbed.
#pragma once

#include "sim/disk.h"
#include "sim/process.h"

namespace banyan::sim {

class SimFiles final : public Files {
 public:
  SimFiles(Disk& disk, std::shared_ptr<Process> process)
      : disk_(disk), process_(std::move(process)) {}

  Result<std::unique_ptr<File>> open_read(const std::string& path) override;
  Result<std::unique_ptr<File>> create(const std::string& path) override;
  Result<std::unique_ptr<File>> open_append(const std::string& path) override;
  bool exists(const std::string& path) override;
  Result<> rename(const std::string& from, const std::string& to) override;
  Result<> remove(const std::string& path) override;
  Result<> make_directories(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<> sync_directory(const std::string& path) override;
  Result<std::string> working_directory() override { return directory_; }
  Result<> change_directory(const std::string& path) override;

 private:
  std::string normal(const std::string& path) const;

  Disk& disk_;
  std::shared_ptr<Process> process_;
  std::string directory_ = "/data";
};

}  // namespace banyan::sim
