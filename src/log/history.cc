#include "log/history.h"

namespace banyan::log {

void History::promote(const ReplicationId& new_id, Offset at) {
  previous_id = id;
  previous_valid_up_to = byte_after(at);
  id = new_id;
}

bool History::follow(const ReplicationId& new_id, Offset at) {
  if (new_id == id) return false;
  promote(new_id, at);
  return true;
}

void History::adopt(const ReplicationId& new_id) { *this = History{.id = new_id}; }

}  // namespace banyan::log
