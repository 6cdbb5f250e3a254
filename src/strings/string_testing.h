// What the tests of the string family share: a node with these commands alone, and looks at keys.
//
// Threads   The test's own.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "commands/harness.h"
#include "strings/families.h"

namespace banyan::strings {

struct StringNode : testing::Test {
  commands::Family family = string_commands();
  commands::Harness node{{&family, 1}};

  std::string run(const std::string& line) { return node.run(line); }
  std::string logged() const { return node.logged(); }
  UnixMs now() const { return node.context.now; }
  const store::Entry* entry(Bytes key) {
    commands::Database db(node.context, 0);
    return db.peek(db.key(key));
  }
  std::string text(Bytes key) {
    IntegerText room;
    const store::Entry* found = entry(key);
    return found == nullptr ? "(none)" : std::string(found->text(room));
  }
  UnixMs expiry(Bytes key) {
    const store::Entry* found = entry(key);
    return found == nullptr ? 0 : found->expiry();
  }
  // As OBJECT ENCODING calls it.
  std::string encoding(Bytes key) { return values::name_of(entry(key)->encoding()); }
  // `words`, separated by spaces, as the log has them.
  static std::string request(const std::string& words) {
    std::vector<std::string> list;
    for (std::size_t at = 0; at <= words.size();) {
      const std::size_t end = std::min(words.find(' ', at), words.size());
      list.push_back(words.substr(at, end - at));
      at = end + 1;
    }
    std::string out = "*" + std::to_string(list.size()) + "\r\n";
    for (const std::string& word : list)
      out += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    return out;
  }
  static std::string bulk(const std::string& text) {
    return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
  }
};

inline const std::string kOk = "+OK\r\n";
inline const std::string kNull = "$-1\r\n";

}  // namespace banyan::strings
