#include "engine/effect_block.h"

#include "resp/request_writer.h"

namespace banyan::engine {

void EffectBlock::add(unsigned database, const commands::Effects& effects,
                      std::span<const Bytes> words) {
  const bool verbatim = effects.verbatim() && effects.dirty() != 0;
  const unsigned count = effects.count() + (verbatim ? 1 : 0);
  if (count == 0) return;
  if (count_ == 0) {
    first_database_ = database;
  } else if (database != last_database_) {
    resp::append_command(body_, {"SELECT", std::to_string(database)});
  }
  last_database_ = database;
  count_ += count;
  body_ += effects.encoded();
  if (verbatim) resp::append_command(body_, words);
}

log::Offset EffectBlock::append_to(log::Log& log, UnixMs now) {
  const log::EntryInfo info{.database = static_cast<std::uint16_t>(first_database_),
                            .slot = log::kNoSlot,
                            .origin = 0,
                            .time = now};
  const log::Offset end =
      count_ > 1 ? log.append_block(info, body_, static_cast<std::uint16_t>(last_database_))
                 : log.append(info, body_);
  body_.clear();
  count_ = 0;
  return end;
}

}  // namespace banyan::engine
