#include "net/kernel_stream.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <array>
#include <cerrno>

#include "base/check.h"
#include "net/resolver.h"

namespace banyan::net {
namespace {

constexpr std::size_t kPiecesMax = 64;

IoResult failed_call() {
  if (errno == EAGAIN) return {.status = IoResult::Status::would_block};
  return {.status = IoResult::Status::error, .error = errno};
}

}  // namespace

KernelStream::KernelStream(os::Descriptor socket, Endpoint peer)
    : socket_(std::move(socket)), state_(State::connected), peer_(std::move(peer)) {}

KernelStream::KernelStream(PollingLoop& loop, StreamHandler& handler, const Address& to,
                           const Address& source)
    : loop_(&loop),
      handler_(&handler),
      id_(loop.poller().enroll(*this)),
      state_(State::connecting),
      attempt_(std::make_unique<Attempt>()) {
  attempt_->source = source;
  connect_to(to);
}

KernelStream::~KernelStream() {
  if (loop_) loop_->poller().dismiss(id_);
}

void KernelStream::attach(Loop& loop, StreamHandler& handler) {
  CHECK(!loop_);
  loop_ = &static_cast<PollingLoop&>(loop);  // a node has the loops of one Env
  handler_ = &handler;
  id_ = loop_->poller().enroll(*this);
  watch(wanted_);
}

IoResult KernelStream::read(char* to, std::size_t room) {
  CHECK(room > 0);
  if (state_ == State::connecting) return {.status = IoResult::Status::would_block};
  while (true) {
    const ssize_t count = ::recv(socket_.get(), to, room, 0);
    if (count > 0) return {.count = static_cast<std::size_t>(count)};
    if (count == 0) return {.status = IoResult::Status::closed};
    if (errno != EINTR) return failed_call();
  }
}

IoResult KernelStream::write(Bytes data) {
  CHECK(!data.empty());
  if (state_ == State::connecting) return {.status = IoResult::Status::would_block};
  while (true) {
    const ssize_t count = ::send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL);
    if (count > 0) return {.count = static_cast<std::size_t>(count)};
    if (errno != EINTR) return failed_call();
  }
}

IoResult KernelStream::write_pieces(std::span<const Bytes> pieces) {
  CHECK(pieces.size() <= kPiecesMax);
  if (state_ == State::connecting) return {.status = IoResult::Status::would_block};
  std::array<iovec, kPiecesMax> vectors;
  for (std::size_t i = 0; i < pieces.size(); ++i)
    vectors[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = pieces.size();
  while (true) {
    const ssize_t count = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    CHECK(count != 0);
    if (count > 0) return {.count = static_cast<std::size_t>(count)};
    if (errno != EINTR) return failed_call();
  }
}

Address KernelStream::local() const {
  if (!is_tcp()) return peer();
  return local_address(socket_.get());
}

void KernelStream::set_keep_alive(std::chrono::seconds interval) {
  keep_alive_ = interval;
  if (is_tcp() && socket_.is_open()) net::set_keep_alive(socket_.get(), interval);
}

void KernelStream::set_no_delay(bool on) {
  has_no_delay_ = on;
  if (is_tcp() && socket_.is_open()) set_option(socket_.get(), IPPROTO_TCP, TCP_NODELAY, on);
}

void KernelStream::reset_on_close() {
  resets_on_close_ = true;
  if (socket_.is_open()) set_reset_on_close(socket_.get());
}

void KernelStream::on_ready(std::uint32_t events) {
  if (state_ == State::connecting) return finish_connecting();
  // What was wanted when the event was fetched may have been given up since. A callback may destroy
  // this object, so the id is asked for on the stack.
  if ((events & ~EPOLLOUT) != 0 && (wanted_ & EPOLLIN) != 0) {
    const Poller& poller = loop_->poller();
    const SourceId id = id_;
    handler_->on_readable();
    if (!poller.find(id)) return;
  }
  if ((events & ~EPOLLIN) != 0 && (wanted_ & EPOLLOUT) != 0) handler_->on_writable();
}

void KernelStream::connect_to(const Address& to) {
  if (!to.path.empty()) {
    peer_.path = to.path;
    attempt_->candidates.emplace_back();
    return try_next();
  }
  Result<std::vector<IpAddress>> numeric = resolve(to.host, to.port, AF_UNSPEC, false);
  if (numeric) return on_resolved(std::move(numeric));
  loop_->resolver().resolve(
      to.host, to.port, *loop_,
      [loop = loop_, id = id_](Result<std::vector<IpAddress>> candidates) {
        if (Source* source = loop->poller().find(id))
          static_cast<KernelStream*>(source)->on_resolved(std::move(candidates));
      });
}

void KernelStream::on_resolved(Result<std::vector<IpAddress>> candidates) {
  if (candidates) {
    attempt_->candidates = *std::move(candidates);
  } else {
    attempt_->error = std::move(candidates).error();
  }
  try_next();
}

void KernelStream::try_next() {
  while (attempt_->next < attempt_->candidates.size()) {
    peer_.ip = attempt_->candidates[attempt_->next++];
    Result<os::Descriptor> socket = open_towards(peer_.ip);
    if (socket) return adopt(*std::move(socket));
    attempt_->error = std::move(socket).error();
  }
  call_later(&KernelStream::report_failure);
}

Result<os::Descriptor> KernelStream::open_towards(const IpAddress& to) const {
  TRY(os::Descriptor socket, open_socket(is_tcp() ? to.any.sa_family : AF_UNIX));
  const Address& source = attempt_->source;
  int outcome = 0;
  if (is_tcp()) {
    if (!source.host.empty()) {
      TRY_IN(const auto from, resolve(source.host, source.port, to.any.sa_family, false), "source");
      // The port is chosen by connect(), which knows the peer: otherwise ports run out early.
      set_option(socket.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
      if (::bind(socket.get(), &from.front().any, from.front().size()) != 0)
        return os::io_error("bind", errno);
    }
    outcome = ::connect(socket.get(), &to.any, to.size());
  } else {
    TRY(const sockaddr_un path, unix_address(peer_.path));
    outcome = ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&path), sizeof path);
  }
  if (outcome != 0 && errno != EINPROGRESS) return fail(Errc::io, os::error_text(errno));
  return socket;
}

void KernelStream::adopt(os::Descriptor socket) {
  socket_ = std::move(socket);
  registered_ = 0;
  if (has_no_delay_) set_no_delay(true);
  if (keep_alive_ > 0s) set_keep_alive(keep_alive_);
  if (resets_on_close_) reset_on_close();
  watch(EPOLLOUT);
}

void KernelStream::finish_connecting() {
  if (const int error = connect_error(); error != 0) {
    attempt_->error = Error(Errc::io, os::error_text(error));
    drop_socket();
    return try_next();
  }
  state_ = State::connected;
  attempt_.reset();
  watch(wanted_);
  handler_->on_connected();
}

int KernelStream::connect_error() {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  // Connecting to a free port of this host, TCP may pick that port for our side and connect us to
  // ourselves; and the server whose port it is could not start again.
  if (error == 0 && is_tcp() && local() == peer()) {
    set_reset_on_close(socket_.get());
    return ECONNREFUSED;
  }
  return error;
}

void KernelStream::drop_socket() {
  socket_.close();
  registered_ = 0;
}

void KernelStream::report_failure() {
  state_ = State::failed;
  const Error error = std::move(attempt_->error);
  attempt_.reset();
  handler_->on_connect_failed(error);
}

void KernelStream::want(std::uint32_t event, bool on) {
  wanted_ = on ? wanted_ | event : wanted_ & ~event;
  if (loop_ && state_ == State::connected) watch(wanted_);
}

void KernelStream::watch(std::uint32_t events) {
  const int error = loop_->poller().watch(id_, socket_.get(), registered_, events);
  if (error == 0) {
    registered_ = events;
    return;
  }
  // Out of kernel memory or watches: end the stream rather than leave it deaf.
  ::shutdown(socket_.get(), SHUT_RDWR);
  if (state_ == State::connecting) {
    attempt_->error = Error(Errc::io, os::error_text(error));
    call_later(&KernelStream::report_failure);
  } else {
    call_later(&KernelStream::report_readable);
  }
}

void KernelStream::call_later(void (KernelStream::*member)()) {
  loop_->post([loop = loop_, id = id_, member] {
    if (Source* source = loop->poller().find(id)) (static_cast<KernelStream*>(source)->*member)();
  });
}

}  // namespace banyan::net
