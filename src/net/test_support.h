// What the tests of this folder share: an Env that must stop by itself, and stream handlers whose
// behaviour a test writes where it is used.
//
// Threads   As env.h; a Peer belongs to its stream's loop.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <map>
#include <string>

#include "net/kernel_env.h"

namespace banyan::net {

struct NetTest : testing::Test {
  KernelEnv env;
  Loop& loop = env.main_loop();

  // Until finish(). Streams and listeners of the test end before the Env.
  void run() {
    loop.call_after(60s, [this] {
      ADD_FAILURE() << "what the test waits for has not happened";
      env.stop(1);
    });
    EXPECT_EQ(env.run(), 0);
  }
  void finish() { env.stop(0); }
};

// A stream and what to do when it calls. `received` grows by read_all().
struct Peer final : StreamHandler {
  std::unique_ptr<Stream> stream;
  std::function<void()> connected = [] {};
  std::function<void()> readable = [] {};
  std::function<void()> writable = [] {};
  std::function<void(const Error&)> failed = [](const Error& error) {
    ADD_FAILURE() << error.text();
  };
  std::string received;
  int readable_count = 0;

  void on_connected() override { connected(); }
  void on_readable() override {
    ++readable_count;
    readable();
  }
  void on_writable() override { writable(); }
  void on_connect_failed(const Error& error) override { failed(error); }

  // Reads what there is; the status that ended it.
  IoResult read_all() {
    std::array<char, 4096> buffer;
    while (true) {
      const IoResult result = stream->read(buffer.data(), buffer.size());
      if (result.status != IoResult::Status::ok) return result;
      received.append(buffer.data(), result.count);
    }
  }
};

inline std::size_t write_some(Stream& stream, Bytes data) {
  const IoResult result = stream.write(data);
  EXPECT_TRUE(result.status == IoResult::Status::ok ||
              result.status == IoResult::Status::would_block);
  return result.count;
}

// Sends back what it gets, until the peer closes.
class EchoSession final : StreamHandler {
 public:
  EchoSession(std::unique_ptr<Stream> stream, Loop& loop, std::function<void()> on_end)
      : stream_(std::move(stream)), on_end_(std::move(on_end)) {
    stream_->attach(loop, *this);
  }
  Stream& stream() { return *stream_; }

 private:
  void on_readable() override {
    std::array<char, 16384> buffer;
    const IoResult result = stream_->read(buffer.data(), buffer.size());
    if (result.status == IoResult::Status::would_block) return;
    if (result.status != IoResult::Status::ok) {
      const std::function<void()> end = on_end_;  // ends this object
      return end();
    }
    unsent_.append(buffer.data(), result.count);
    on_writable();
  }
  void on_writable() override {
    unsent_.erase(0, write_some(*stream_, unsent_));
    stream_->watch_writable(!unsent_.empty());
    stream_->watch_readable(unsent_.empty());
  }

  std::unique_ptr<Stream> stream_;
  std::function<void()> on_end_;
  std::string unsent_;
};

class EchoServer {
 public:
  EchoServer(Loop& loop, const Address& at) : loop_(loop) {
    auto listener = loop.listen(at, {}, [this](std::unique_ptr<Stream> stream) {
      const int number = next_++;
      sessions[number] = std::make_unique<EchoSession>(std::move(stream), loop_,
                                                       [this, number] { sessions.erase(number); });
    });
    EXPECT_TRUE(listener.has_value()) << listener.error().text();
    listener_ = *std::move(listener);
  }
  Address address() const { return listener_->local(); }

  std::map<int, std::unique_ptr<EchoSession>> sessions;

 private:
  Loop& loop_;
  int next_ = 0;
  std::unique_ptr<Listener> listener_;
};

inline Address any_port() { return {.host = "127.0.0.1", .port = 0, .path = {}}; }

inline Address unix_at(const std::string& name) {
  return {.host = {},
          .port = 0,
          .path = testing::TempDir() + "banyan-" + name + "-" + std::to_string(::getpid())};
}

}  // namespace banyan::net
