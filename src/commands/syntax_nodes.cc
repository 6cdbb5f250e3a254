#include "commands/syntax_nodes.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace banyan::commands {
namespace {

constexpr std::string_view kSpecial = "[]<>|";

bool is_token(std::string_view word) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return std::none_of(word.begin(), word.end(), is_lower);
}

class Parser {
 public:
  explicit Parser(std::string_view syntax) : syntax_(syntax) {}

  Result<SyntaxSequence> whole() {
    TRY(SyntaxSequence sequence, parse_sequence(0));
    if (at_ != syntax_.size()) return expected("the end");
    return sequence;
  }

 private:
  static constexpr int kDepthMax = 10;

  // Up to a special character that is not its own.
  Result<SyntaxSequence> parse_sequence(int depth) {
    if (depth > kDepthMax) return expected("less depth");
    SyntaxSequence sequence;
    while (true) {
      while (next_is(' ')) ++at_;
      if (at_ == syntax_.size() || next_is(']') || next_is('>') || next_is('|')) return sequence;
      if (next_is('[') || next_is('<')) {
        TRY(SyntaxNode group, parse_group(depth));
        sequence.push_back(std::move(group));
      } else if (!parse_word(sequence)) {
        return expected("a word before ...");
      }
    }
  }

  Result<SyntaxNode> parse_group(int depth) {
    SyntaxNode group{.kind = next_is('[') ? SyntaxNode::Kind::optional : SyntaxNode::Kind::block};
    const char close = next_is('[') ? ']' : '>';
    ++at_;
    group.text = parse_label();
    do {
      TRY(SyntaxSequence sequence, parse_sequence(depth + 1));
      if (!sequence.empty() && sequence.back().text == "..." && !sequence.back().is_group()) {
        group.repeats = true;
        sequence.pop_back();
      }
      if (sequence.empty()) return expected("a word");
      group.alternatives.push_back(std::move(sequence));
    } while (next_is('|') && ++at_ != 0);
    if (!next_is(close)) return expected(std::string_view(&close, 1));
    ++at_;
    return group;
  }

  // "name:" followed by a space.
  std::string_view parse_label() {
    const std::size_t end = syntax_.find_first_of(" []<>|", at_);
    if (end == std::string_view::npos || syntax_[end] != ' ' || syntax_[end - 1] != ':') return {};
    const std::string_view label = syntax_.substr(at_, end - 1 - at_);
    at_ = end;
    return label;
  }

  bool parse_word(SyntaxSequence& to) {
    const std::size_t begin = at_;
    while (at_ < syntax_.size() && !next_is(' ') &&
           kSpecial.find(syntax_[at_]) == std::string_view::npos)
      ++at_;
    std::string_view word = syntax_.substr(begin, at_ - begin);
    const bool repeats = word.size() > 3 && word.ends_with("...");
    if (repeats) word.remove_suffix(3);
    if (word == "...") {
      if (to.empty()) return false;
      while (next_is(' ')) ++at_;
      // At the end of a group the dots are about the group, else about what stands before them.
      const bool ends_group = next_is(']') || next_is('>') || next_is('|');
      if (!ends_group) {
        to.back().repeats = true;
        return true;
      }
    }
    to.push_back({.kind = is_token(word) ? SyntaxNode::Kind::token : SyntaxNode::Kind::value,
                  .text = word,
                  .repeats = repeats,
                  .alternatives = {}});
    return true;
  }

  bool next_is(char c) const { return at_ < syntax_.size() && syntax_[at_] == c; }
  std::unexpected<Error> expected(std::string_view what) const {
    return fail(fmt::format("expected {} at {} of \"{}\"", what, at_, syntax_));
  }

  std::string_view syntax_;
  std::size_t at_ = 0;
};

}  // namespace

Result<SyntaxSequence> parse_syntax_nodes(std::string_view syntax) {
  return Parser(syntax).whole();
}

}  // namespace banyan::commands
