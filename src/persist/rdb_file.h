// RDB files on disk: a writer that replaces the old snapshot only by a whole new one, and a reader
// that loads in slices, so that a server can answer between them.
//
// Invariants   The file of the final name is at any time, also after a power cut, either the old
//              snapshot or the whole new one. A writer that was not committed leaves no file.
// Threads      None. The calls block on the disk.
// Failure      Errc::io with the name of the file in the text; what the loader says otherwise.
//              After a failed commit() the old snapshot is in place; only when the very last step
//              failed (the text starts with "sync directory") may it be the new one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/env.h"
#include "base/result.h"
#include "persist/rdb_loader.h"

namespace banyan::persist {

class RdbFileWriter {
 public:
  struct Options {
    // Sync whenever this much was written, so that the last sync has little left to do and the
    // kernel's write-back does not come in one burst. 0: only at the end.
    std::uint64_t sync_every_bytes = std::uint64_t{4} << 20;
  };

  // Creates "temp-<process_id>-<serial>.rdb" in the directory of `path`. A serial must not be used
  // again: a writer that was given up may remove its file later. `files` must outlive the writer.
  static Result<std::unique_ptr<RdbFileWriter>> create(Files& files, std::string path,
                                                       std::int64_t process_id,
                                                       std::uint64_t serial, Options options);
  ~RdbFileWriter();  // removes the temporary file, unless committed
  RdbFileWriter(const RdbFileWriter&) = delete;
  RdbFileWriter& operator=(const RdbFileWriter&) = delete;

  // After an error, all that is left is to destroy the writer.
  Result<> append(Bytes chunk);
  // Puts the file in place of the old one: once, at the end.
  Result<> commit();

  std::uint64_t bytes_written() const { return bytes_written_; }

 private:
  RdbFileWriter(Files& files, std::string path, std::string temporary, Options options)
      : files_(files),
        path_(std::move(path)),
        temporary_(std::move(temporary)),
        options_(options) {}
  Result<> sync();

  Files& files_;
  std::string path_, temporary_;
  Options options_;
  std::unique_ptr<File> file_;
  std::uint64_t bytes_written_ = 0, bytes_synced_ = 0;
  bool is_temporary_there_ = false;
};

class RdbFileReader {
 public:
  // `files` is used here only.
  static Result<std::unique_ptr<RdbFileReader>> open(Files& files, const std::string& path,
                                                     RdbSink& sink, RdbLoader::Limits limits);

  // Loads up to `max_bytes` > 0 more. True when the end of the RDB was reached.
  Result<bool> load_some(std::size_t max_bytes);

  std::uint64_t bytes_total() const { return bytes_total_; }
  std::uint64_t bytes_read() const { return bytes_read_; }
  // Where the RDB ends, once it has: an AOF's commands may follow from here.
  std::uint64_t end_offset() const { return loader_.offset(); }

 private:
  RdbFileReader(std::string path, std::unique_ptr<File> file, std::uint64_t bytes_total,
                RdbSink& sink, RdbLoader::Limits limits);

  std::string path_;
  std::unique_ptr<File> file_;
  std::uint64_t bytes_total_, bytes_read_ = 0;
  RdbLoader loader_;
  std::string chunk_;
};

}  // namespace banyan::persist
