// The types of settings that are one word of a list: `loglevel notice`, `appendfsync always`.
//
// Threads   None; values.
#pragma once

#include <cstdint>

namespace banyan::config {

enum class LogLevel : std::uint8_t { debug, verbose, notice, warning, nothing };
enum class Supervised : std::uint8_t { none, automatic, upstart, systemd };
enum class SyslogFacility : std::uint8_t {
  user,
  local0,
  local1,
  local2,
  local3,
  local4,
  local5,
  local6,
  local7,
};
enum class OomScoreAdjust : std::uint8_t { off, relative, absolute };

enum class EvictionPolicy : std::uint8_t {
  volatile_lru,
  volatile_lfu,
  volatile_random,
  volatile_ttl,
  allkeys_lru,
  allkeys_lfu,
  allkeys_random,
  no_eviction,
};

enum class FsyncPolicy : std::uint8_t { never, every_second, always };
enum class DisklessLoad : std::uint8_t { disabled, on_empty_db, swapdb };
enum class PropagationErrors : std::uint8_t { ignore, panic, panic_on_replicas };

enum class PubsubDefault : std::uint8_t { reset_channels, all_channels };
enum class SanitizePayload : std::uint8_t { no, yes, clients };
enum class Allowed : std::uint8_t { no, yes, local };  // local: only to clients of this machine
enum class TlsClientAuth : std::uint8_t { no, yes, optional };

enum class EndpointType : std::uint8_t { ip, hostname, unknown_endpoint };

// What SIGTERM and SIGINT do; several at once. None of them is Redis's "default".
enum class ShutdownOption : std::uint8_t { save = 1, nosave = 2, now = 4, force = 8 };
struct ShutdownOptions {
  std::uint8_t bits = 0;
  bool has(ShutdownOption option) const { return (bits & static_cast<std::uint8_t>(option)) != 0; }
  friend bool operator==(const ShutdownOptions&, const ShutdownOptions&) = default;
};

// Classes of keyspace events, by the letters of notify-keyspace-events.
enum class KeyEvent : std::uint16_t {
  keyspace_channel = 1 << 0,  // K
  keyevent_channel = 1 << 1,  // E
  generic = 1 << 2,           // g
  string = 1 << 3,            // $
  list = 1 << 4,              // l
  set = 1 << 5,               // s
  hash = 1 << 6,              // h
  sorted_set = 1 << 7,        // z
  expired = 1 << 8,           // x
  evicted = 1 << 9,           // e
  stream = 1 << 10,           // t
  key_miss = 1 << 11,         // m: not part of A
  module = 1 << 13,           // d
  new_key = 1 << 14,          // n: not part of A
};
struct KeyEvents {
  std::uint16_t bits = 0;
  bool has(KeyEvent event) const { return (bits & static_cast<std::uint16_t>(event)) != 0; }
  friend bool operator==(const KeyEvents&, const KeyEvents&) = default;
};

}  // namespace banyan::config
