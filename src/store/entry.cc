#include "store/entry.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "base/check.h"
#include "base/number.h"
#include "values/collection.h"

namespace banyan::store {

using values::Body;
using values::Encoding;

namespace {

void* allocate_bytes(std::size_t size) {
  void* memory = std::malloc(size);
  CHECK(memory != nullptr);
  return memory;
}

// memcpy() may not be given a null pointer, and an empty view may hold one.
void copy_bytes(char* to, Bytes from) {
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

Blob* make_blob(Bytes text, std::size_t capacity) {
  auto* blob = static_cast<Blob*>(allocate_bytes(sizeof(Blob) + capacity));
  blob->size = text.size();
  blob->capacity = capacity;
  copy_bytes(blob->data(), text);
  return blob;
}

Encoding encoding_for(const StringValue& value) {
  if (value.integer) return Encoding::integer;
  if (value.text.size() <= kEmbstrBytesMax) return Encoding::embstr;
  return value.text.size() <= kInlineBytesMax ? Encoding::raw_inline : Encoding::raw;
}

std::size_t payload_bytes_for(const StringValue& value, Encoding encoding) {
  if (encoding == Encoding::integer) return sizeof(std::int64_t);
  return encoding == Encoding::raw ? sizeof(Blob*) : value.text.size();
}

}  // namespace

StringValue StringValue::of(Bytes text) {
  if (text.size() > 20) return {text, std::nullopt};
  return {text, parse_int(text)};
}

Entry* Entry::allocate(Bytes key, std::size_t payload_bytes, UnixMs expiry) {
  const bool is_long = key.size() > 255;
  const std::size_t expiry_bytes = expiry == kNoExpiry ? 0 : sizeof(UnixMs);
  const std::size_t size =
      sizeof(Entry) + expiry_bytes + (is_long ? 4 : 0) + key.size() + payload_bytes;
  auto* entry = new (allocate_bytes(size)) Entry();
  if (expiry_bytes != 0) entry->flags_ |= kHasExpiry;
  if (is_long) entry->flags_ |= kLongKey;
  if (expiry_bytes != 0) store_to(entry + 1, expiry);
  char* p = const_cast<char*>(entry->after_header());
  if (is_long) {
    store_to(p, static_cast<std::uint32_t>(key.size()));
    p += 4;
  } else {
    entry->key_length_ = static_cast<std::uint8_t>(key.size());
  }
  copy_bytes(p, key);
  return entry;
}

void Entry::write_value(const StringValue& value, Encoding encoding) {
  set_kind(encoding);
  char* to = payload();
  if (encoding == Encoding::integer) {
    store_to(to, *value.integer);
  } else if (encoding == Encoding::raw) {
    store_to(to, make_blob(value.text, value.text.size()));
  } else {
    inline_size_ = value.text.size() & kInlineSizeMask;
    copy_bytes(to, value.text);
  }
}

Entry* Entry::make(Bytes key, const StringValue& value, UnixMs expiry) {
  const Encoding encoding = encoding_for(value);
  Entry* entry = allocate(key, payload_bytes_for(value, encoding), expiry);
  entry->write_value(value, encoding);
  return entry;
}

Entry* Entry::make_collection(Bytes key, values::Type type, UnixMs expiry) {
  Entry* entry = allocate(key, sizeof(Body), expiry);
  entry->kind_ = static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4);
  create_body(type, *new (entry->payload()) Body());
  return entry;
}

Entry* Entry::make_copy(const Entry& other, Bytes new_key, UnixMs expiry) {
  if (!other.is_string()) {
    Entry* entry = allocate(new_key, sizeof(Body), expiry);
    entry->kind_ = other.kind_;
    entry->access_ = other.access_;
    copy_body(other.type(), other.body(), *new (entry->payload()) Body());
    return entry;
  }
  IntegerText room;
  const Bytes text = other.text(room);
  StringValue value{text, std::nullopt};
  if (other.is_integer()) value.integer = other.integer();
  Entry* entry = make(new_key, value, expiry);
  if (!other.is_integer() && other.encoding() != Encoding::embstr &&
      entry->encoding() == Encoding::embstr)
    entry->set_kind(Encoding::raw_inline);
  entry->set_access(other.access());
  return entry;
}

Entry* Entry::renamed(Entry* entry, Bytes new_key) {
  const std::size_t bytes = entry->payload_bytes();
  Entry* fresh = allocate(new_key, bytes, entry->expiry());
  std::memcpy(fresh->payload(), entry->payload(), bytes);
  fresh->kind_ = entry->kind_;
  fresh->inline_size_ = entry->inline_size_;
  fresh->access_ = entry->access_;
  std::free(entry);
  return fresh;
}

void Entry::release_value() {
  if (kind_ == static_cast<std::uint8_t>(Encoding::raw)) {
    std::free(load<Blob*>(payload()));
  } else if (!is_string()) [[unlikely]] {
    destroy_body(type(), body());
  }
}

void Entry::destroy(Entry* entry) {
  entry->release_value();
  std::free(entry);
}

std::size_t Entry::payload_bytes() const {
  if (!is_string()) return sizeof(Body);
  return is_integer() || text_encoding() == Encoding::raw ? sizeof(std::int64_t) : inline_size_;
}

Entry* Entry::with_expiry(Entry* entry, UnixMs expiry) {
  const bool wanted = expiry != kNoExpiry;
  if (wanted != entry->has_expiry()) {
    // The allocator often has room in the same size class: then only bytes move.
    const Bytes key = entry->key();
    const auto tail_bytes =
        static_cast<std::size_t>(key.data() + key.size() - entry->after_header()) +
        entry->payload_bytes();
    const std::size_t size = sizeof(Entry) + tail_bytes + (wanted ? sizeof(UnixMs) : 0);
    if (wanted) {
      entry = static_cast<Entry*>(std::realloc(static_cast<void*>(entry), size));
      CHECK(entry != nullptr);
      char* body = reinterpret_cast<char*>(entry + 1);
      std::memmove(body + sizeof(UnixMs), body, tail_bytes);
      entry->flags_ |= kHasExpiry;
    } else {
      char* body = reinterpret_cast<char*>(entry + 1);
      std::memmove(body, body + sizeof(UnixMs), tail_bytes);
      entry->flags_ &= kLongKey;  // the only other one
      entry = static_cast<Entry*>(std::realloc(static_cast<void*>(entry), size));
      CHECK(entry != nullptr);
    }
  }
  if (wanted) store_to(entry + 1, expiry);
  return entry;
}

Bytes Entry::text(IntegerText& room) const {
  const char* p = payload();
  DCHECK(is_string());
  if (is_integer()) return {room, write_int(room, load<std::int64_t>(p))};
  if (text_encoding() == Encoding::raw) {
    const Blob* blob = load<Blob*>(p);
    return {blob->data(), blob->size};
  }
  return {p, inline_size_};
}

std::size_t Entry::text_size() const {
  IntegerText room;
  return text(room).size();
}

Entry* Entry::with_value(Entry* entry, const StringValue& value) {
  const Encoding encoding = encoding_for(value);
  const std::size_t bytes = payload_bytes_for(value, encoding);
  entry->release_value();
  if (bytes != entry->payload_bytes()) {
    const auto size = static_cast<std::size_t>(entry->payload() - reinterpret_cast<char*>(entry));
    entry = static_cast<Entry*>(std::realloc(static_cast<void*>(entry), size + bytes));
    CHECK(entry != nullptr);
  }
  entry->write_value(value, encoding);
  return entry;
}

Entry* Entry::resized(Entry* entry, std::size_t size) {
  constexpr std::size_t kHeadroomMax = 1024 * 1024;
  const std::size_t capacity = size + std::min(size, kHeadroomMax);
  if (entry->encoding() == Encoding::raw) {
    Blob* blob = load<Blob*>(entry->payload());
    if (size > blob->capacity) {
      blob = static_cast<Blob*>(std::realloc(static_cast<void*>(blob), sizeof(Blob) + capacity));
      CHECK(blob != nullptr);
      blob->capacity = capacity;
      store_to(entry->payload(), blob);
    }
    if (size > blob->size) std::memset(blob->data() + blob->size, 0, size - blob->size);
    blob->size = size;
    return entry;
  }
  IntegerText room;
  const Bytes old = entry->text(room).substr(0, size);
  Blob* blob = make_blob(old, capacity);
  std::memset(blob->data() + old.size(), 0, size - old.size());
  blob->size = size;
  if (entry->payload_bytes() != sizeof(Blob*)) {
    const auto before = static_cast<std::size_t>(entry->payload() - reinterpret_cast<char*>(entry));
    entry = static_cast<Entry*>(std::realloc(static_cast<void*>(entry), before + sizeof(Blob*)));
    CHECK(entry != nullptr);
  }
  entry->set_kind(Encoding::raw);
  store_to(entry->payload(), blob);
  return entry;
}

std::size_t Entry::memory_bytes(std::size_t samples) const {
  const char* begin = reinterpret_cast<const char*>(this);
  std::size_t bytes = static_cast<std::size_t>(payload() - begin) + payload_bytes();
  bytes = (bytes + 15) / 16 * 16;
  if (!is_string()) return bytes + values::memory_bytes(type(), body(), samples);
  if (encoding() == Encoding::raw) bytes += sizeof(Blob) + load<Blob*>(payload())->capacity;
  return bytes;
}

std::size_t Entry::free_effort() const {
  return is_string() ? 1 : values::free_effort(type(), body());
}

}  // namespace banyan::store
