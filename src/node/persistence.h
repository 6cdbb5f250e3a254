// Persistence: loading the RDB file when the node starts, and saving it when the save points say
// so.
//
// Threads   The main worker's.
// Failure   A file that cannot be loaded ends the node before it serves, with the reason in the
// log:
//           starting empty would overwrite it. A save that fails is tried again after a while.
#pragma once

#include <memory>

#include "node/data_loader.h"
#include "node/key_delay.h"
#include "persist/rdb_file.h"

namespace banyan::node {

class Core;

class Persistence {
 public:
  explicit Persistence(Core& core);

  // Opens the file, if there is one. Then step() loads it, slice by slice.
  Result<> start_loading();
  bool is_loading() const { return reader_ != nullptr; }
  bool step();  // true while it could go on at once
  // DEBUG RELOAD: all of it, now, in place of the present data.
  Result<> reload();

  void tick();

  struct LoadStats {
    Instant started{};
    std::uint64_t bytes_total = 0, bytes_read = 0;
    std::uint64_t keys_loaded = 0, keys_expired = 0;
  };
  LoadStats load_stats() const;

 private:
  DataLoader::Options loader_options() const;
  Result<bool> load_slice(persist::RdbFileReader& reader, const DataLoader& loader);
  void finish_loading();

  Core& core_;
  std::unique_ptr<DataLoader> loader_;
  std::unique_ptr<persist::RdbFileReader> reader_;
  LoadStats stats_;
  KeyDelay delay_;
  Instant last_attempt_{};
};

}  // namespace banyan::node
