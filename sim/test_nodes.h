// What the tests of the simulator share: a handler of lambdas and an echo server.
#pragma once

#include <array>
#include <list>

#include "sim/world.h"

namespace banyan::sim {

// A stream with its handler; each callback is a lambda, and each call is counted.
struct Wire final : StreamHandler {
  std::unique_ptr<Stream> stream;
  std::string received;
  int connected = 0, readable = 0, writable = 0, failed = 0;
  bool is_closed = false;
  int error = 0;
  std::string failure;
  bool reads_by_itself = true;
  std::function<void()> when_readable = [] {}, when_writable = [] {}, when_connected = [] {};

  void on_connected() override {
    ++connected;
    when_connected();
  }
  void on_readable() override {
    ++readable;
    if (reads_by_itself) read_some(4096);
    when_readable();
  }
  void on_writable() override {
    ++writable;
    when_writable();
  }
  void on_connect_failed(const Error& e) override {
    ++failed;
    failure = e.describe();
  }

  IoResult::Status read_some(std::size_t room) {
    std::string chunk(room, '\0');
    const IoResult result = stream->read(chunk.data(), room);
    if (result.status == IoResult::Status::ok) received.append(chunk, 0, result.count);
    if (result.status == IoResult::Status::closed) is_closed = true;
    if (result.status == IoResult::Status::error) error = result.error;
    if (is_closed || error) stream->watch_readable(false);
    return result.status;
  }
};

// Sends back what it gets, at the pace of the reader.
class EchoNode final : public Node {
 public:
  static constexpr std::uint16_t kPort = 7;

  explicit EchoNode(Env& env) {
    auto listener = env.main_loop().listen({.host = "*", .port = kPort, .path = {}}, {},
                                           [this, &env](std::unique_ptr<Stream> stream) {
                                             sessions_.emplace_back(*this, std::move(stream));
                                             sessions_.back().start(env);
                                           });
    if (listener) listener_ = *std::move(listener);
  }

  static Factory factory() {
    return [](Env& env) { return std::make_unique<EchoNode>(env); };
  }
  std::size_t session_count() const { return sessions_.size(); }

 private:
  struct Session final : StreamHandler {
    Session(EchoNode& n, std::unique_ptr<Stream> s) : node(n), stream(std::move(s)) {}
    void start(Env& env) { stream->attach(env.main_loop(), *this); }
    void on_readable() override {
      std::array<char, 1000> chunk;
      const IoResult got = stream->read(chunk.data(), chunk.size());
      if (got.status == IoResult::Status::would_block) return;
      if (got.status != IoResult::Status::ok) return node.drop(*this);
      pending.append(chunk.data(), got.count);
      flush();
    }
    void on_writable() override { flush(); }
    void flush() {
      while (!pending.empty()) {
        const IoResult sent = stream->write(pending);
        if (sent.status != IoResult::Status::ok) break;
        pending.erase(0, sent.count);
      }
      stream->watch_writable(!pending.empty());
      stream->watch_readable(pending.size() < 10'000);
    }
    EchoNode& node;
    std::unique_ptr<Stream> stream;
    std::string pending;
  };

  void drop(Session& session) {
    sessions_.remove_if([&](const Session& other) { return &other == &session; });
  }

  std::unique_ptr<Listener> listener_;
  std::list<Session> sessions_;
};

// Every 8 bytes differ from all others, so that a lost or doubled byte shows.
inline std::string numbered_bytes(std::size_t size) {
  std::string out;
  for (std::uint32_t i = 0; out.size() < size; ++i) {
    std::array<char, 8> block;
    store_to(block.data(), std::uint64_t{i} * 0x9e3779b97f4a7c15ULL);
    out.append(block.data(), block.size());
  }
  out.resize(size);
  return out;
}

}  // namespace banyan::sim
