// A keyspace with strings in it, for the tests of the generic commands.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "commands/command_table.h"
#include "commands/harness.h"
#include "generic/families.h"
#include "resp/request_writer.h"

namespace banyan::generic {

struct GenericHarness : testing::Test, commands::ChangeObserver {
  static std::span<const commands::Family> families() {
    static const std::array list = {
        generic_commands(), generic_move_commands(), expire_commands(),           scan_commands(),
        object_commands(),  dump_commands(),         commands::command_commands()};
    return list;
  }

  GenericHarness() { h.context.observer = this; }

  void set(Bytes key, Bytes value, UnixMs expiry = kNoExpiry, unsigned database = 0) {
    commands::Database db(h.context, database);
    db.set_string(db.key(key), store::StringValue::of(value), expiry);
  }
  std::string get(Bytes key, unsigned database = 0) {
    commands::Database db(h.context, database);
    const store::Entry* entry = db.peek(db.key(key));
    IntegerText room;
    return entry == nullptr ? "(nil)" : std::string(entry->text(room));
  }
  UnixMs expiry(Bytes key, unsigned database = 0) {
    commands::Database db(h.context, database);
    return db.peek(db.key(key))->expiry();
  }
  std::string run(const std::string& line) {
    events.clear();
    return h.run(line);
  }
  static std::string request(std::initializer_list<Bytes> words) {
    std::string text;
    resp::append_command(text, words);
    return text;
  }
  void on_change(unsigned database, Bytes key, commands::EventKind kind, Bytes event) override {
    if (kind == commands::EventKind::new_key) return;
    events.push_back(std::to_string(database) + " " + std::string(key) + " " + std::string(event));
  }

  commands::Harness h{families()};
  std::vector<std::string> events;
};

}  // namespace banyan::generic
