#include "persist/rdb_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>

#include "persist/rdb_encoder.h"
#include "persist/rdb_test_support.h"

namespace banyan::persist {
namespace {

// Files in memory. Each call is one step; the step number `fail_at` fails, and so do all later ones
// when `stay_broken`. What was not synced is told apart, for power cuts.
struct FakeFiles final : Files {
  struct Content {
    std::string written, synced;
  };
  struct Name {
    std::shared_ptr<Content> now, on_disk;
  };
  std::map<std::string, Name> names;
  std::vector<std::string> calls;
  std::size_t steps = 0;
  std::size_t fail_at = std::numeric_limits<std::size_t>::max();

  Result<> step(std::string call) {
    calls.push_back(std::move(call));
    if (steps++ == fail_at) return fail(Errc::io, "No space left on device");
    return {};
  }

  // What a machine finds after the power went: only what was synced.
  std::string after_power_cut(const std::string& path) {
    const auto it = names.find(path);
    return it == names.end() || !it->second.on_disk ? "" : it->second.on_disk->synced;
  }
  void put(const std::string& path, const std::string& bytes) {
    auto content = std::make_shared<Content>(Content{bytes, bytes});
    names[path] = {content, content};
  }

  struct FakeFile final : File {
    FakeFiles& files;
    std::shared_ptr<Content> content;
    std::size_t position = 0;
    FakeFile(FakeFiles& f, std::shared_ptr<Content> c) : files(f), content(std::move(c)) {}
    Result<std::size_t> read(char* to, std::size_t room) override {
      TRY_DO(files.step("read"));
      const std::size_t count = std::min(room, content->written.size() - position);
      std::copy_n(content->written.data() + position, count, to);
      position += count;
      return count;
    }
    Result<> write_all(Bytes data) override {
      if (auto done = files.step("write"); !done) {
        content->written += data.substr(0, data.size() / 2);  // as a full disk does
        return done;
      }
      content->written += data;
      return {};
    }
    Result<> sync() override {
      TRY_DO(files.step("sync"));
      content->synced = content->written;
      return {};
    }
    Result<std::uint64_t> size() override { return content->written.size(); }
    Result<> truncate(std::uint64_t) override { return fail("not used"); }
    Result<> seek(std::uint64_t) override { return fail("not used"); }
  };

  Result<std::unique_ptr<File>> open_read(const std::string& path) override {
    TRY_DO(step("open " + path));
    if (!exists(path)) return fail(Errc::io, "No such file or directory");
    return std::make_unique<FakeFile>(*this, names[path].now);
  }
  Result<std::unique_ptr<File>> create(const std::string& path) override {
    TRY_DO(step("create " + path));
    names[path].now = std::make_shared<Content>();
    return std::make_unique<FakeFile>(*this, names[path].now);
  }
  Result<std::unique_ptr<File>> open_append(const std::string&) override {
    return fail("not used");
  }
  bool exists(const std::string& path) override {
    return names.contains(path) && names[path].now != nullptr;
  }
  Result<> rename(const std::string& from, const std::string& to) override {
    TRY_DO(step("rename " + from + " " + to));
    names[to].now = std::exchange(names[from].now, nullptr);
    return {};
  }
  Result<> remove(const std::string& path) override {
    names[path].now = nullptr;
    return {};
  }
  Result<> make_directories(const std::string&) override { return fail("not used"); }
  Result<std::vector<std::string>> list(const std::string&) override { return fail("not used"); }
  Result<> sync_directory(const std::string& path) override {
    TRY_DO(step("sync " + path));
    for (auto& [name, entry] : names) entry.on_disk = entry.now;
    return {};
  }
  Result<std::string> working_directory() override { return "/"; }
  Result<> change_directory(const std::string&) override { return {}; }
};

const std::string kPath = "/data/dump.rdb";
const std::string kTemporary = "/data/temp-77-1.rdb";

// A new snapshot of some chunks over whatever is there.
Result<> save(Files& files, std::uint64_t sync_every_bytes = 0) {
  TRY(const auto writer,
      RdbFileWriter::create(files, kPath, 77, 1, {.sync_every_bytes = sync_every_bytes}));
  std::string out, chunk;
  RdbEncoder rdb(out, {});
  rdb.begin({});
  for (int i = 0; i < 5; ++i) {
    rdb.key(RdbType::string, "key" + std::to_string(i), {});
    rdb.encode_string("new");
    rdb.take(chunk);
    TRY_DO(writer->append(chunk));
  }
  rdb.end();
  TRY_DO(writer->append(out));
  return writer->commit();
}

Loaded load_file(Files& files, std::size_t slice, std::size_t* slices = nullptr) {
  RecordingSink sink;
  Loaded out;
  auto reader = RdbFileReader::open(files, kPath, sink, {});
  EXPECT_TRUE(reader.has_value());
  while (true) {
    const auto done = (*reader)->load_some(slice);
    if (slices) ++*slices;
    if (!done) out.error = done.error().text();
    if (!done || *done) break;
  }
  out.lines = sink.lines;
  return out;
}

TEST(RdbFileTest, a_snapshot_is_synced_then_named_then_the_name_synced) {
  FakeFiles files;
  ASSERT_TRUE(save(files).has_value());
  EXPECT_EQ(files.calls, (std::vector<std::string>{
                             "create " + kTemporary, "write", "write", "write", "write", "write",
                             "write", "sync", "rename " + kTemporary + " " + kPath, "sync /data"}));
  EXPECT_EQ(load_file(files, 1000).error, "");
  EXPECT_EQ(files.after_power_cut(kPath), files.names[kPath].now->written);
  EXPECT_FALSE(files.exists(kTemporary));
}

TEST(RdbFileTest, a_long_snapshot_is_synced_on_the_way) {
  FakeFiles files;
  ASSERT_TRUE(save(files, 20).has_value());
  EXPECT_GT(std::count(files.calls.begin(), files.calls.end(), "sync"), 2);
}

TEST(RdbFileTest, an_error_at_any_step_keeps_the_old_snapshot) {
  FakeFiles all_well;
  ASSERT_TRUE(save(all_well, 20).has_value());
  const std::size_t last = all_well.steps - 1;
  for (std::size_t at = 0; at <= last; ++at) {
    SCOPED_TRACE(all_well.calls[at]);
    FakeFiles files;
    files.put(kPath, "old");
    files.fail_at = at;
    const auto saved = save(files, 20);
    ASSERT_FALSE(saved.has_value());
    EXPECT_EQ(saved.error().code(), Errc::io);
    EXPECT_TRUE(saved.error().text().ends_with(": No space left on device"));
    EXPECT_FALSE(files.exists(kTemporary));
    EXPECT_EQ(files.after_power_cut(kPath), "old");
    if (at < last) {
      EXPECT_EQ(files.names[kPath].now->written, "old");
    }
  }
}

TEST(RdbFileTest, a_power_cut_at_any_step_leaves_the_old_snapshot_or_the_new_one) {
  FakeFiles all_well;
  ASSERT_TRUE(save(all_well, 20).has_value());
  const std::string whole = all_well.names[kPath].now->written;
  for (std::size_t at = 0; at < all_well.steps; ++at) {
    FakeFiles files;
    files.put(kPath, "old");
    files.fail_at = at;
    EXPECT_FALSE(save(files, 20).has_value());
    // The rename may have reached the disk by itself, without the directory's sync.
    const std::string named_early = files.names[kPath].now->synced;
    EXPECT_TRUE(named_early == "old" || named_early == whole);
  }
}

TEST(RdbFileTest, a_writer_that_is_given_up_leaves_no_file) {
  FakeFiles files;
  {
    auto writer = RdbFileWriter::create(files, kPath, 77, 1, {});
    ASSERT_TRUE((*writer)->append("REDIS").has_value());
    EXPECT_EQ((*writer)->bytes_written(), 5U);
    EXPECT_TRUE(files.exists(kTemporary));
  }
  EXPECT_FALSE(files.exists(kTemporary));
  EXPECT_FALSE(files.exists(kPath));
}

TEST(RdbFileTest, a_file_is_loaded_in_slices) {
  std::string out;
  RdbEncoder rdb(out, {.compression = Compression::off});
  rdb.begin({});
  for (int i = 0; i < 4; ++i) {
    rdb.key(RdbType::string, "k" + std::to_string(i), {});
    rdb.encode_string(std::string(500'000, 'v'));
  }
  rdb.end();
  FakeFiles files;
  files.put(kPath, out + "*1\r\n");
  std::size_t slices = 0;
  const Loaded loaded = load_file(files, 256 << 10, &slices);
  EXPECT_EQ(loaded.error, "");
  EXPECT_EQ(loaded.lines, load_whole(out).lines);
  EXPECT_EQ(slices, 8U);
  EXPECT_EQ(load_file(files, 1000).lines, loaded.lines);

  RecordingSink sink;
  const auto reader = RdbFileReader::open(files, kPath, sink, {});
  EXPECT_EQ((*reader)->bytes_total(), out.size() + 4);
  EXPECT_EQ((*reader)->load_some(1 << 30), true);
  EXPECT_EQ((*reader)->end_offset(), out.size());
}

TEST(RdbFileTest, what_is_wrong_with_a_file_is_said) {
  FakeFiles files;
  RecordingSink sink;
  EXPECT_EQ(RdbFileReader::open(files, kPath, sink, {}).error().text(),
            "open /data/dump.rdb: No such file or directory");
  files.put(kPath, "");
  EXPECT_EQ(load_file(files, 100).error,
            "Short read or OOM loading DB. Unrecoverable error, aborting now. "
            "(the input ends at byte 0)");
  files.put(kPath, "not an rdb");
  EXPECT_EQ(load_file(files, 100).error, "Wrong signature trying to load DB from file (at byte 0)");
  files.put(kPath, "REDIS0011");
  files.steps = 0;
  files.fail_at = 1;
  EXPECT_EQ(load_file(files, 100).error, "read /data/dump.rdb: No space left on device");
}

}  // namespace
}  // namespace banyan::persist
