// What the words of stream commands mean: IDs, ends of ranges, what to trim.
//
// Threads   Pure functions.
#pragma once

#include <string_view>
#include <vector>

#include "commands/call.h"
#include "values/stream.h"

namespace banyan::streams {

using commands::Call;
using values::StreamId;

std::unexpected<Error> invalid_stream_id();

// "<ms>" or "<ms>-<seq>"; a missing sequence is 0.
Result<StreamId> stream_id_arg(const Call& call, std::size_t i);
// The same, or "-" or "+": the lowest and the highest ID.
Result<StreamId> stream_id_or_edge_arg(const Call& call, std::size_t i);
// All words from `first` on.
Result<std::vector<StreamId>> stream_id_args(const Call& call, std::size_t first);

struct StreamRange {
  StreamId from, to;
};
// The ends of a range: IDs, "-", "+", or "(" and an ID that is itself outside.
Result<StreamId> range_from_arg(const Call& call, std::size_t i);
Result<StreamId> range_to_arg(const Call& call, std::size_t i);

// The options of XADD and XTRIM.
struct StreamAddOptions {
  values::StreamTrim trim;
  std::size_t trim_word = 0;   // of the threshold; the word in front of it may be "~" or "="
  std::size_t limit_word = 0;  // LIMIT's; 0: none
  bool may_create = true;
  // XADD only.
  std::size_t id_word = 0;
  bool has_id = false;   // not "*"
  bool has_seq = false;  // not "<ms>-*"
  StreamId id;
};
Result<StreamAddOptions> parse_xadd(const Call& call);
Result<StreamAddOptions> parse_xtrim(const Call& call);

// The words of the command with the trimming as it was done, the same for every replica: exact, and
// without a limit. `id` replaces XADD's.
std::vector<Bytes> exact_words(const Call& call, const StreamAddOptions& options, Bytes threshold,
                               Bytes id);

// "NOGROUP No such key 'k' or consumer group 'g'", and `tail`.
std::unexpected<Error> no_such_group(Bytes key, Bytes group, std::string_view tail = {});
// "NOGROUP No such consumer group 'g' for key name 'k'".
std::unexpected<Error> no_group_of_key(Bytes key, Bytes group);
std::unexpected<Error> wrong_subcommand(const Call& call, std::string_view container);

}  // namespace banyan::streams
