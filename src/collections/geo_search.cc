// Searches around a place: GEOSEARCH, GEOSEARCHSTORE, and the older GEORADIUS and
// GEORADIUSBYMEMBER.
#include <algorithm>
#include <vector>

#include "collections/geo_handlers.h"
#include "collections/sorted_set_handlers.h"
#include "collections/sorted_set_support.h"

namespace banyan::collections {

using namespace commands;

namespace {

using geo::Point;
using store::Entry;
using values::SortedSetView;

enum class Form : std::uint8_t { around_point, around_member, search };
enum class Order : std::uint8_t { none, rising, falling };

struct Search {
  Form form;
  bool may_store = false;   // GEORADIUS: STORE and STOREDIST are known
  bool must_store = false;  // GEOSEARCHSTORE
  const Entry* entry = nullptr;
  geo::Shape shape = {};
  double unit = 1;
  bool has_centre = false, from_member = false, from_point = false;
  bool by_radius = false, by_box = false;
  bool with_distance = false, with_hash = false, with_point = false;
  Order order = Order::none;
  std::uint64_t count = 0;  // 0: all
  bool any = false;
  std::optional<Bytes> target = std::nullopt;
  bool store_distance = false;
};

Result<double> number_arg(const Call& call, std::size_t i, const char* otherwise) {
  const auto value = parse_double(call.arg(i));
  if (!value) return fail(otherwise);
  return *value;
}

// Words: a number and a unit.
Result<> parse_radius(const Call& call, std::size_t i, Search& search) {
  TRY(const double radius, number_arg(call, i, "need numeric radius"));
  if (radius < 0) return fail("radius cannot be negative");
  TRY(search.unit, geo::unit_arg(call, i + 1));
  search.shape.radius = radius * search.unit;
  return {};
}

// Words: width, height and a unit.
Result<> parse_box(const Call& call, std::size_t i, Search& search) {
  TRY(const double width, number_arg(call, i, "need numeric width"));
  TRY(const double height, number_arg(call, i + 1, "need numeric height"));
  if (width < 0 || height < 0) return fail("height or width cannot be negative");
  TRY(search.unit, geo::unit_arg(call, i + 2));
  search.shape.is_box = true;
  search.shape.width = width * search.unit;
  search.shape.height = height * search.unit;
  return {};
}

// Of a missing sorted set, nothing is asked.
Result<> centre_on_member(Search& search, Bytes member) {
  if (search.entry == nullptr) return {};
  const auto score = SortedSetView(search.entry->body()).score(member);
  if (!score) return fail("could not decode requested zset member");
  search.shape.centre = geo::point_of(*score);
  return {};
}

// An option of GEOSEARCH at word `i`, which becomes its last word. False when it is none.
Result<bool> parse_search_option(const Call& call, std::size_t& i, Search& s) {
  const std::size_t behind = call.size() - i - 1;
  if (call.is(i, "frommember") && behind >= 1 && !s.from_point) {
    TRY_DO(centre_on_member(s, call.arg(i + 1)));
    s.from_member = true;
    i += 1;
  } else if (call.is(i, "fromlonlat") && behind >= 2 && !s.from_member) {
    TRY(s.shape.centre, geo::point_arg(call, i + 1));
    s.from_point = true;
    i += 2;
  } else if (call.is(i, "byradius") && behind >= 2 && !s.by_box) {
    TRY_DO(parse_radius(call, i + 1, s));
    s.by_radius = true;
    i += 2;
  } else if (call.is(i, "bybox") && behind >= 3 && !s.by_radius) {
    TRY_DO(parse_box(call, i + 1, s));
    s.by_box = true;
    i += 3;
  } else if (call.is(i, "storedist") && s.must_store) {
    s.store_distance = true;
  } else {
    return false;
  }
  return true;
}

// An option without words of its own.
bool parse_flag(const Call& call, std::size_t i, Search& s) {
  if (call.is(i, "withdist")) {
    s.with_distance = true;
  } else if (call.is(i, "withhash")) {
    s.with_hash = true;
  } else if (call.is(i, "withcoord")) {
    s.with_point = true;
  } else if (call.is(i, "any")) {
    s.any = true;
  } else if (call.is(i, "asc")) {
    s.order = Order::rising;
  } else if (call.is(i, "desc")) {
    s.order = Order::falling;
  } else {
    return false;
  }
  return true;
}

Result<> parse_options(const Call& call, std::size_t first, Search& s) {
  for (std::size_t i = first; i < call.size(); ++i) {
    const bool has_word = i + 1 < call.size();
    if (parse_flag(call, i, s)) continue;
    if (call.is(i, "count") && has_word) {
      TRY(const std::int64_t count, call.int_arg(++i));
      if (count <= 0) return fail("COUNT must be > 0");
      s.count = static_cast<std::uint64_t>(count);
    } else if (s.may_store && has_word && (call.is(i, "store") || call.is(i, "storedist"))) {
      s.store_distance = call.is(i, "storedist");
      s.target = call.arg(++i);
    } else if (s.form == Form::search) {
      TRY(const bool known, parse_search_option(call, i, s));
      if (!known) return fail(Errc::syntax);
    } else {
      return fail(Errc::syntax);
    }
  }
  return {};
}

Result<> check_options(const Call& call, const Search& s) {
  const bool tells_more = s.with_distance || s.with_hash || s.with_point;
  if (s.target && tells_more)
    return fail(std::string(s.must_store ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS") +
                " is not compatible with WITHDIST, WITHHASH and WITHCOORD options");
  if (s.form == Form::search && !s.from_member && !s.from_point)
    return fail("exactly one of FROMMEMBER or FROMLONLAT can be specified for " +
                std::string(call.arg(0)));
  if (s.form == Form::search && !s.by_radius && !s.by_box)
    return fail("exactly one of BYRADIUS and BYBOX can be specified for " +
                std::string(call.arg(0)));
  if (s.any && s.count == 0) return fail("the ANY argument requires COUNT argument");
  return {};
}

Result<> parse(const Call& call, Search& s) {
  std::size_t first = s.must_store ? 3 : 2;
  if (s.form == Form::around_point) {
    TRY(s.shape.centre, geo::point_arg(call, 2));
    TRY_DO(parse_radius(call, 4, s));
    first = 6;
  } else if (s.form == Form::around_member) {
    TRY_DO(centre_on_member(s, call.arg(2)));
    if (s.entry != nullptr) TRY_DO(parse_radius(call, 3, s));
    first = 5;
  }
  if (s.must_store) s.target = call.arg(1);
  TRY_DO(parse_options(call, first, s));
  return check_options(call, s);
}

struct Hit {
  std::string member;
  double score;
  Point point;
  double distance;
};

std::vector<Hit> search_set(const Search& s) {
  std::vector<Hit> hits;
  const SortedSetView set(s.entry->body());
  const std::size_t enough = s.any ? s.count : set.size() + 1;
  geo::Cell last;
  for (const geo::Cell& cell : geo::cells_around(s.shape)) {
    if (cell.step == 0) continue;
    // With a very large radius, neighbours can be the same cell.
    if (cell == last) continue;
    if (hits.size() >= enough) break;
    const auto scores = geo::scores_in(cell);
    const auto range = set.range(values::ScoreBound{scores.first, false},
                                 values::ScoreBound{scores.second, false});
    set.visit_while(range, [&](Bytes member, double score) {
      const Point point = geo::point_of(score);
      double distance = 0;
      if (geo::is_within(s.shape, point, distance))
        hits.push_back({std::string(member), score, point, distance});
      return hits.size() < enough;
    });
    last = cell;
  }
  return hits;
}

void sort_hits(const Search& s, std::vector<Hit>& hits) {
  Order order = s.order;
  if (s.count != 0 && order == Order::none && !s.any) order = Order::rising;
  if (order == Order::rising) {
    std::stable_sort(hits.begin(), hits.end(),
                     [](const Hit& a, const Hit& b) { return a.distance < b.distance; });
  } else if (order == Order::falling) {
    std::stable_sort(hits.begin(), hits.end(),
                     [](const Hit& a, const Hit& b) { return a.distance > b.distance; });
  }
  if (s.count != 0 && hits.size() > s.count) hits.resize(s.count);
}

void reply_hits(Call& call, const Search& s, const std::vector<Hit>& hits) {
  const std::size_t more =
      (s.with_distance ? 1U : 0U) + (s.with_hash ? 1U : 0U) + (s.with_point ? 1U : 0U);
  call.reply.array(hits.size());
  for (const Hit& hit : hits) {
    if (more > 0) call.reply.array(more + 1);
    call.reply.bulk(hit.member);
    if (s.with_distance) geo::reply_distance(call.reply, hit.distance / s.unit);
    if (s.with_hash) call.reply.integer(static_cast<std::int64_t>(hit.score));
    if (s.with_point) geo::reply_point(call.reply, hit.point);
  }
}

// The key that the word `text` is, among those that dispatch has locked; null for a STORE that a
// later one outdoes.
const store::Key* key_of(const Call& call, Bytes text) {
  for (const store::Key& key : call.keys)
    if (key.text == text) return &key;
  return nullptr;
}

Result<> run_search(Call& call, Search s) {
  TRY(s.entry, find_sorted_set(call, s.must_store ? 1 : 0));
  TRY_DO(parse(call, s));
  std::vector<Hit> hits;
  if (s.entry != nullptr) hits = search_set(s);
  sort_hits(s, hits);
  if (!s.target) {
    reply_hits(call, s, hits);
    return {};
  }
  const store::Key* target = key_of(call, *s.target);
  if (target == nullptr) return fail(Errc::syntax);
  encodings::MemberGatherer members(call.db.context().limits.table_secret);
  for (const Hit& hit : hits) {
    const std::uint64_t hash = members.hash(hit.member);
    if (members.find(hit.member, hash) == nullptr)
      members.add(hit.member, hash, s.store_distance ? hit.distance / s.unit : hit.score);
  }
  if (!hits.empty()) call.effects().changed(hits.size() - 1);
  store_members(call, *target, members,
                s.form == Form::search ? "geosearchstore" : "georadiusstore");
  return {};
}

}  // namespace

Result<> georadius(Call& call) {
  return run_search(call, {.form = Form::around_point, .may_store = true});
}
Result<> georadius_ro(Call& call) { return run_search(call, {.form = Form::around_point}); }
Result<> georadiusbymember(Call& call) {
  return run_search(call, {.form = Form::around_member, .may_store = true});
}
Result<> georadiusbymember_ro(Call& call) {
  return run_search(call, {.form = Form::around_member});
}
Result<> geosearch(Call& call) { return run_search(call, {.form = Form::search}); }
Result<> geosearchstore(Call& call) {
  return run_search(call, {.form = Form::search, .must_store = true});
}

}  // namespace banyan::collections
