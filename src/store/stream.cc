#include "store/stream.h"

namespace banyan::store {

void Stream::create(Body& body, StreamValue value) {
  body.set(Encoding::stream, new StreamValue(std::move(value)));
}

}  // namespace banyan::store
