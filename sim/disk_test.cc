#include "sim/disk.h"

#include <gtest/gtest.h>

#include <set>

#include "sim/sim_files.h"

namespace banyan::sim {
namespace {

struct DiskTest : testing::Test {
  explicit DiskTest(std::uint64_t seed = 1) : rng(seed) {}

  Rng rng;
  Faults faults;
  Scheduler scheduler{false};
  Disk disk{NodeId{1}, scheduler, rng, faults};
  std::shared_ptr<Process> process = std::make_shared<Process>();
  SimFiles files{disk, process};

  void write(const std::string& path, Bytes data) {
    auto file = files.create(path);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write_all(data));
  }
  std::string text(const std::string& path) {
    auto got = read_whole_file(files, path);
    return got ? *got : "(" + got.error().describe() + ")";
  }
  void lose_power() {
    process->kill();
    disk.lose_power();
  }
};

// What a file may hold after power cuts, over many seeds.
std::set<std::string> after_power_cuts(const std::function<void(DiskTest&)>& scenario) {
  struct Case final : DiskTest {
    using DiskTest::DiskTest;
    void TestBody() override {}
  };
  std::set<std::string> seen;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Case one(seed);
    scenario(one);
    one.lose_power();
    seen.insert(one.disk.content("/data/f").value_or("(none)"));
  }
  return seen;
}

TEST_F(DiskTest, files_read_back_as_written) {
  write("f", "hello");
  EXPECT_EQ(text("/data/f"), "hello");
  auto file = files.open_append("f");
  ASSERT_TRUE((*file)->write_all(" world"));
  EXPECT_EQ(text("./x/../f"), "hello world");
  EXPECT_EQ(*(*file)->size(), 11U);
  ASSERT_TRUE((*file)->truncate(4));
  EXPECT_EQ(text("f"), "hell");
  EXPECT_EQ(text("g"), "(No such file or directory)");
}

TEST_F(DiskTest, writes_go_on_where_seek_and_the_last_write_left) {
  auto file = files.create("f");
  ASSERT_TRUE((*file)->write_all("0123456789"));
  ASSERT_TRUE((*file)->seek(2));
  ASSERT_TRUE((*file)->write_all("ab"));
  ASSERT_TRUE((*file)->write_all("c"));
  EXPECT_EQ(text("f"), "01abc56789");
  ASSERT_TRUE((*file)->truncate(1));
  ASSERT_TRUE((*file)->write_all("z"));
  EXPECT_EQ(text("f"), "0z");
}

TEST_F(DiskTest, directories_list_their_own_names_sorted) {
  ASSERT_TRUE(files.make_directories("d/e"));
  write("d/z", "");
  write("d/e/inner", "");
  write("d/a", "");
  write("d-beside", "");
  EXPECT_EQ(*files.list("d"), (std::vector<std::string>{"a", "e", "z"}));
  EXPECT_FALSE(files.remove("d/e"));
  EXPECT_FALSE(files.list("missing"));
  EXPECT_FALSE(files.create("missing/f"));
  ASSERT_TRUE(files.change_directory("d"));
  EXPECT_EQ(*files.working_directory(), "/data/d");
  EXPECT_TRUE(files.exists("e/inner"));
}

TEST_F(DiskTest, a_full_disk_takes_what_fits_and_says_so) {
  faults.disk_capacity_bytes = 8;
  auto file = files.create("f");
  const auto result = (*file)->write_all("0123456789");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().describe(), "No space left on device");
  EXPECT_EQ(text("f"), "01234567");
  ASSERT_TRUE((*file)->truncate(0));
  ASSERT_TRUE((*file)->seek(0));
  EXPECT_TRUE((*file)->write_all("fits"));
}

TEST_F(DiskTest, a_failed_write_leaves_a_prefix) {
  faults.write_error = 1;
  auto file = files.create("f");
  EXPECT_FALSE((*file)->write_all("0123456789"));
  EXPECT_TRUE(std::string("0123456789").starts_with(text("f")));
}

TEST_F(DiskTest, a_dead_process_changes_nothing) {
  write("f", "before");
  auto file = files.open_append("f");
  process->kill();
  EXPECT_TRUE((*file)->write_all("after"));
  EXPECT_TRUE(files.rename("f", "g"));
  EXPECT_TRUE(files.remove("f"));
  EXPECT_FALSE(files.create("f"));
  EXPECT_EQ(disk.content("/data/f"), "before");
}

TEST(DiskPowerCut, synced_bytes_stay) {
  const auto seen = after_power_cuts([](DiskTest& t) {
    auto file = t.files.create("f");
    ASSERT_TRUE((*file)->write_all("kept"));
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE(t.files.sync_directory("."));
  });
  EXPECT_EQ(seen, std::set<std::string>{"kept"});
}

TEST(DiskPowerCut, unsynced_bytes_are_dropped_torn_or_zeroed) {
  const auto seen = after_power_cuts([](DiskTest& t) {
    auto file = t.files.create("f");
    ASSERT_TRUE((*file)->write_all("kept"));
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE(t.files.sync_directory("."));
    ASSERT_TRUE((*file)->write_all("tail"));
  });
  const std::string zeros(3, '\0');
  for (const std::string& one :
       {std::string("kept"), std::string("keptta"), std::string("kepttail"), "keptt" + zeros})
    EXPECT_TRUE(seen.contains(one)) << one;
  for (const std::string& one : seen) EXPECT_TRUE(one.starts_with("kept"));
}

TEST(DiskPowerCut, a_file_without_a_synced_name_may_be_gone) {
  const auto seen = after_power_cuts([](DiskTest& t) {
    auto file = t.files.create("f");
    ASSERT_TRUE((*file)->write_all("kept"));
    ASSERT_TRUE((*file)->sync());
  });
  EXPECT_EQ(seen, (std::set<std::string>{"(none)", "kept"}));
}

TEST(DiskPowerCut, a_rename_is_durable_only_when_its_directory_is_synced) {
  const auto put_old = [](DiskTest& t) {
    t.disk.put("/data/f", "old");
    auto file = t.files.create("f.tmp");
    ASSERT_TRUE((*file)->write_all("new"));
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE(t.files.rename("f.tmp", "f"));
    EXPECT_EQ(t.text("f"), "new");
  };
  EXPECT_EQ(after_power_cuts(put_old), (std::set<std::string>{"old", "new"}));
  EXPECT_EQ(after_power_cuts([&](DiskTest& t) {
              put_old(t);
              ASSERT_TRUE(t.files.sync_directory("/data"));
            }),
            std::set<std::string>{"new"});
}

TEST(DiskPowerCut, a_rename_without_a_sync_of_the_file_may_leave_it_empty) {
  const auto seen = after_power_cuts([](DiskTest& t) {
    t.disk.put("/data/f", "old");
    t.write("f.tmp", "new");
    ASSERT_TRUE(t.files.rename("f.tmp", "f"));
    ASSERT_TRUE(t.files.sync_directory("/data"));
  });
  EXPECT_TRUE(seen.contains(""));
  EXPECT_FALSE(seen.contains("old"));
}

TEST(DiskPowerCut, overwriting_mixes_old_and_new_bytes_but_keeps_the_size) {
  const auto seen = after_power_cuts([](DiskTest& t) {
    t.disk.put("/data/f", "oooooo");
    auto file = t.files.open_append("f");
    ASSERT_TRUE((*file)->truncate(6));
    auto inode = t.disk.open("/data/f");
    std::uint64_t position = 2;
    ASSERT_TRUE(t.disk.write(**inode, position, "nn"));
  });
  EXPECT_EQ(seen, (std::set<std::string>{"oooooo", "oonooo", "oonnoo"}));
}

TEST(DiskPowerCut, after_a_failed_sync_the_next_one_proves_nothing) {
  const auto seen = after_power_cuts([](DiskTest& t) {
    auto file = t.files.create("f");
    ASSERT_TRUE(t.files.sync_directory("."));
    ASSERT_TRUE((*file)->write_all("data"));
    t.faults.sync_error = 1;
    EXPECT_FALSE((*file)->sync());
    t.faults.sync_error = 0;
    EXPECT_TRUE((*file)->sync());
  });
  EXPECT_EQ(seen, (std::set<std::string>{"data", std::string(4, '\0')}));
}

TEST(DiskPowerCut, replacing_a_whole_file_is_atomic_at_every_point) {
  std::set<std::string> seen;
  for (unsigned effects = 0; effects <= 5; ++effects) {
    const auto contents = after_power_cuts([effects](DiskTest& t) {
      t.disk.put("/data/f", "old content");
      t.process->kill_after(effects);
      static_cast<void>(write_whole_file(t.files, "f", "new"));
    });
    seen.insert(contents.begin(), contents.end());
  }
  EXPECT_EQ(seen, (std::set<std::string>{"old content", "new"}));
}

}  // namespace
}  // namespace banyan::sim
