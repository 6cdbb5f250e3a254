#include "values/stream.h"

namespace banyan::values {

void Stream::create(Body& body, StreamValue value) {
  body.set(Encoding::stream, new StreamValue(std::move(value)));
}

}  // namespace banyan::values
