#include "persist/rdb_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace banyan::persist {

constexpr std::size_t kReadBytes = 256 << 10;

Result<std::unique_ptr<RdbFileWriter>> RdbFileWriter::create(Files& files, std::string path,
                                                             std::int64_t process_id,
                                                             std::uint64_t serial,
                                                             Options options) {
  std::string temporary = fmt::format("{}/temp-{}-{}.rdb", directory_of(path), process_id, serial);
  std::unique_ptr<RdbFileWriter> writer(
      new RdbFileWriter(files, std::move(path), std::move(temporary), options));
  const std::string& name = writer->temporary_;
  TRY_IN(writer->file_, files.create(name), "create " + name);
  writer->is_temporary_there_ = true;
  return writer;
}

RdbFileWriter::~RdbFileWriter() {
  file_.reset();
  if (!is_temporary_there_) return;
  // Nobody is left to hear of a failure.
  [[maybe_unused]] const Result<> removed = files_.remove(temporary_);
}

Result<> RdbFileWriter::append(Bytes chunk) {
  CHECK(file_ != nullptr);
  if (auto written = file_->write_all(chunk); !written)
    return std::unexpected(std::move(written).error().in("write " + temporary_));
  bytes_written_ += chunk.size();
  if (options_.sync_every_bytes == 0) return {};
  return bytes_written_ - bytes_synced_ < options_.sync_every_bytes ? Result<>() : sync();
}

Result<> RdbFileWriter::sync() {
  if (auto synced = file_->sync(); !synced)
    return std::unexpected(std::move(synced).error().in("sync " + temporary_));
  bytes_synced_ = bytes_written_;
  return {};
}

// The order matters: the bytes are on disk before the name points at them, and the name is on disk
// before anybody hears that the snapshot was saved.
Result<> RdbFileWriter::commit() {
  CHECK(file_ != nullptr);
  TRY_DO(sync());
  file_.reset();
  if (auto renamed = files_.rename(temporary_, path_); !renamed)
    return std::unexpected(std::move(renamed).error().in("rename " + temporary_ + " to " + path_));
  is_temporary_there_ = false;
  const std::string directory = directory_of(path_);
  if (auto synced = files_.sync_directory(directory); !synced)
    return std::unexpected(std::move(synced).error().in("sync directory " + directory));
  return {};
}

RdbFileReader::RdbFileReader(std::string path, std::unique_ptr<File> file,
                             std::uint64_t bytes_total, RdbSink& sink, RdbLoader::Limits limits)
    : path_(std::move(path)),
      file_(std::move(file)),
      bytes_total_(bytes_total),
      loader_(sink, limits),
      chunk_(kReadBytes, '\0') {}

Result<std::unique_ptr<RdbFileReader>> RdbFileReader::open(Files& files, const std::string& path,
                                                           RdbSink& sink,
                                                           RdbLoader::Limits limits) {
  TRY_IN(std::unique_ptr<File> file, files.open_read(path), "open " + path);
  TRY_IN(const std::uint64_t size, file->size(), "size of " + path);
  return std::unique_ptr<RdbFileReader>(
      new RdbFileReader(path, std::move(file), size, sink, limits));
}

Result<bool> RdbFileReader::load_some(std::size_t max_bytes) {
  std::size_t loaded = 0;
  do {
    if (loader_.done()) return true;
    const std::size_t room = std::min(chunk_.size(), max_bytes - loaded);
    TRY_IN(const std::size_t count, file_->read(chunk_.data(), room), "read " + path_);
    if (count == 0) {
      TRY_DO(loader_.finish());
    } else {
      TRY_DO(loader_.feed(Bytes(chunk_).substr(0, count)));
    }
    bytes_read_ += count;
    loaded += count;
  } while (loaded < max_bytes);
  return loader_.done();
}

}  // namespace banyan::persist
