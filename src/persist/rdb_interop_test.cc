// Against a real redis-server: our loader reads what it saves, and it reads what we write.
// Runs when BANYAN_INTEROP is set and a redis-server is installed; the rest of this folder's tests
// needs neither processes nor files.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "base/rng.h"
#include "persist/dump.h"
#include "persist/rdb_encoder.h"
#include "persist/rdb_test_support.h"

namespace banyan::persist {
namespace {

std::string run(const std::string& command) {
  std::string output;
  FILE* const pipe = popen(command.c_str(), "r");
  if (!pipe) return output;
  std::array<char, 4096> chunk;
  while (const std::size_t count = fread(chunk.data(), 1, chunk.size(), pipe))
    output.append(chunk.data(), count);
  pclose(pipe);
  return output;
}

std::string read_all(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class RdbInteropTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::getenv("BANYAN_INTEROP")) GTEST_SKIP() << "BANYAN_INTEROP is not set";
    if (std::system("command -v redis-server redis-cli >/dev/null") != 0)
      GTEST_SKIP() << "no redis-server";
    std::string name = (std::filesystem::temp_directory_path() / "banyan-rdb-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory = name;
  }
  void TearDown() override {
    if (directory.empty()) return;
    stop();
    std::filesystem::remove_all(directory);
  }

  // Returns when it answers: it is asked by a client that waits for the socket to appear.
  void start(const std::string& options = "") {
    run("redis-server --port 0 --unixsocket " + socket() + " --dir " + directory.string() +
        " --save '' --enable-debug-command yes --daemonize yes --logfile log --pidfile pid " +
        options);
    for (int tries = 0; tries < 200 && cli("ping") != "PONG\n"; ++tries) usleep(20'000);
    ASSERT_EQ(cli("ping"), "PONG\n") << read_all(directory / "log");
    is_running = true;
  }
  void stop() {
    if (std::exchange(is_running, false)) cli("shutdown nosave");
  }
  std::string socket() const { return (directory / "s").string(); }
  std::string cli(const std::string& command) {
    return run("redis-cli --no-raw -s " + socket() + " " + command + " 2>/dev/null");
  }
  std::string raw(const std::string& command) {
    std::string out = run("redis-cli --raw -s " + socket() + " " + command + " 2>/dev/null");
    if (out.ends_with('\n')) out.pop_back();
    return out;
  }
  std::string dump_file() const { return read_all(directory / "dump.rdb"); }

  std::filesystem::path directory;
  bool is_running = false;
};

std::map<std::string, std::string> strings_for_test() {
  std::map<std::string, std::string> values = {
      {"empty", ""},
      {"int8", "-128"},
      {"int16", "32767"},
      {"int32", "-2147483648"},
      {"int64", "2147483648"},
      {"not-int", "007"},
      {"12345", "number as key"},
      {"words", "a rose is a rose is a rose is a rose is a rose is a rose"},
      {"run", std::string(100'000, 'x')},
      {std::string(80, 'k'), "long key that compresses"}};
  Rng rng(5);
  std::string noise;
  while (noise.size() < 20'000) noise += static_cast<char>('!' + rng.below(90));
  values["noise"] = noise;
  return values;
}

TEST_F(RdbInteropTest, redis_loads_our_file_and_means_the_same) {
  for (const int version : {9, 10}) {
    for (const Compression compression : {Compression::off, Compression::lzf}) {
      SCOPED_TRACE(testing::Message() << "version " << version);
      std::string out;
      RdbEncoder rdb(out, {.version = version, .compression = compression});
      rdb.begin({.created_unix_seconds = 1'700'000'000});
      rdb.select_db(0);
      rdb.resize_db(20, 1);
      for (const auto& [key, value] : strings_for_test()) {
        rdb.key(RdbType::string, key, {});
        rdb.encode_string(value);
      }
      rdb.key(RdbType::string, "expiring", {.expires_at = 9'000'000'000'000, .idle_seconds = 500});
      rdb.encode_int(77);
      rdb.select_db(3);
      rdb.key(RdbType::hash, "h", {});
      rdb.encode_length(1);
      rdb.encode_string("field");
      rdb.encode_int(-5);
      rdb.key(RdbType::zset_2, "z", {});
      rdb.encode_length(1);
      rdb.encode_string("member");
      rdb.encode_double(0.1);
      rdb.end();
      std::ofstream(directory / "dump.rdb", std::ios::binary) << out;

      start();
      for (const auto& [key, value] : strings_for_test()) EXPECT_EQ(raw("get " + key), value);
      EXPECT_EQ(raw("pexpiretime expiring"), "9000000000000");
      EXPECT_EQ(raw("object idletime expiring"), "500");
      EXPECT_EQ(raw("dbsize"), std::to_string(strings_for_test().size() + 1));
      EXPECT_EQ(raw("-n 3 hget h field"), "-5");
      EXPECT_EQ(raw("-n 3 zscore z member"), "0.10000000000000001");
      const std::string digest = raw("debug digest");
      EXPECT_EQ(raw("debug reload"), "OK");  // saves and loads: Redis's own bytes, the same meaning
      EXPECT_EQ(raw("debug digest"), digest);
      stop();
    }
  }
}

TEST_F(RdbInteropTest, we_load_what_redis_saves) {
  start();
  for (const auto& [key, value] : strings_for_test()) {
    std::ofstream(directory / "value", std::ios::binary) << value;
    EXPECT_EQ(raw("-x set " + key + " < " + (directory / "value").string()), "OK");
  }
  raw("set expiring 77 pxat 9000000000000");
  raw("-n 9 set other x");
  raw("save");
  const Loaded loaded = load_whole(dump_file());
  EXPECT_EQ(loaded.error, "");
  for (const auto& [key, value] : strings_for_test())
    EXPECT_EQ(std::count(loaded.lines.begin(), loaded.lines.end(), "string " + key + "=" + value),
              1)
        << key;
  const auto has = [&](const char* line) {
    return std::count(loaded.lines.begin(), loaded.lines.end(), line) == 1;
  };
  EXPECT_TRUE(has("string expiring=77 expires=9000000000000"));
  EXPECT_TRUE(has("select 9") && has("string other=x"));
  EXPECT_TRUE(has("aux redis-bits=64"));
  EXPECT_EQ(loaded.lines.back(), "end");
}

TEST_F(RdbInteropTest, values_of_all_types_end_where_we_say) {
  for (const char* small : {"128", "1"}) {  // compact encodings, then the big ones
    start(
        fmt::format("--list-max-listpack-size {0} --hash-max-listpack-entries {0} "
                    "--set-max-intset-entries {0} --zset-max-listpack-entries {0} "
                    "--maxmemory-policy allkeys-lfu",
                    small));
    raw("rpush list a b c 1 2 3000000");
    raw("eval \"for i=1,3000 do redis.call('rpush',KEYS[1],string.rep('v',i%90)) end\" 1 longlist");
    raw("sadd ints 1 2 70000");
    raw("sadd set a b c");
    raw("zadd zset 1.5 a inf b -inf c 3 d");
    raw("hset small f v g 12");
    raw("hset hash f v g 12 h " + std::string(300, 'w'));
    raw("xadd stream 1-1 f v");
    raw("xadd stream 2-1 f v g w");
    raw("xgroup create stream group 0");
    raw("xreadgroup group group alice count 1 streams stream '>'");
    raw("xreadgroup group group bob count 1 streams stream '>'");
    raw("xgroup create stream idle 0");
    raw("xadd gone 5-1 a b");
    raw("xdel gone 5-1");
    raw("set last 1");
    raw("function load \"#!lua name=l\nredis.register_function('f', function() return 1 end)\"");
    raw("save");
    const std::string file = dump_file();
    const Loaded loaded = load_whole(file);
    EXPECT_EQ(loaded.error, "");
    EXPECT_EQ(loaded.taken, file.size());
    EXPECT_EQ(loaded.lines.back(), "end");
    const bool compact = small == std::string("128");
    for (const std::string& start_of_line :
         {std::string("list (quicklist 2) list "), std::string("list (quicklist 2) longlist "),
          std::string(compact ? "set (intset) ints " : "set ints "), std::string("set set "),
          std::string(compact ? "sorted set (listpack) zset " : "sorted set zset "),
          std::string(compact ? "hash (listpack) small " : "hash small "),
          std::string("hash hash "), std::string("stream 2 stream "), std::string("stream 2 gone "),
          std::string("string last=1 freq="), std::string("function #!lua")})
      EXPECT_EQ(
          std::count_if(loaded.lines.begin(), loaded.lines.end(),
                        [&](const std::string& line) { return line.starts_with(start_of_line); }),
          1)
          << start_of_line;
    std::size_t keys = 0;
    for (const std::string& line : loaded.lines) keys += line.find(" freq=") != std::string::npos;
    EXPECT_EQ(std::to_string(keys), raw("dbsize"));
    for (const std::size_t step : {1, 13, 4096}) EXPECT_EQ(load_in_steps(file, step), loaded);
    stop();
  }
}

TEST_F(RdbInteropTest, redis_restores_our_dumps) {
  start();
  std::string dump;
  begin_dump(dump, RdbType::string);
  append_string(dump, std::string(100, 'd') + "end", Compression::lzf);
  end_dump(dump);
  std::ofstream(directory / "value", std::ios::binary) << dump;
  EXPECT_EQ(raw("-x restore k 0 < " + (directory / "value").string()), "OK");
  EXPECT_EQ(raw("get k"), std::string(100, 'd') + "end");
  for (const char* make : {"rpush k2 a b", "sadd k2 a b", "zadd k2 1 a", "hset k2 f v",
                           "xadd k2 1-1 f v", "set k2 some-string", "set k2 12"}) {
    raw("del k2");
    raw(make);
    std::string theirs = run("redis-cli --raw -s " + socket() + " dump k2");
    theirs.pop_back();
    EXPECT_TRUE(parse_dump(theirs).has_value()) << make;
  }
}

}  // namespace
}  // namespace banyan::persist
