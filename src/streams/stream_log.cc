#include "streams/stream_log.h"

namespace banyan::streams {

using namespace commands;
using values::StreamConsumer;
using values::StreamGroup;
using values::StreamIdText;
using values::StreamPending;

namespace {

class IntText {
 public:
  explicit IntText(std::int64_t value) : size_(write_int(room_, value)) {}
  Bytes text() const { return {room_, size_}; }

 private:
  IntegerText room_;
  std::size_t size_;
};

}  // namespace

StreamConsumer& seen_consumer(Call& call, const GroupName& name, StreamGroup& group,
                              Bytes consumer) {
  StreamConsumer* found = group.find_consumer(consumer);
  if (found == nullptr) {
    found = group.create_consumer(consumer, call.now());
    call.db.changed(name.key, EventKind::stream, "xgroup-createconsumer");
    call.effects().instead({"XGROUP", "CREATECONSUMER", name.key.text, name.group, consumer});
  }
  found->seen = call.now();
  return *found;
}

void log_claim(Call& call, const GroupName& name, const StreamGroup& group,
               const StreamPending& pending) {
  call.effects().changed();
  call.effects().instead({"XCLAIM", name.key.text, name.group, pending.consumer->name, "0",
                          StreamIdText(pending.id).text(), "TIME",
                          IntText(pending.delivered).text(), "RETRYCOUNT",
                          IntText(static_cast<std::int64_t>(pending.deliveries)).text(), "FORCE",
                          "JUSTID", "LASTID", StreamIdText(group.last_id).text()});
}

void log_group_id(Call& call, const GroupName& name, const StreamGroup& group) {
  call.effects().changed();
  call.effects().instead({"XGROUP", "SETID", name.key.text, name.group,
                          StreamIdText(group.last_id).text(), "ENTRIESREAD",
                          IntText(group.entries_read).text()});
}

}  // namespace banyan::streams
