#include "net/kernel_listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <filesystem>

#include "net/kernel_stream.h"
#include "net/socket.h"

namespace banyan::net {
namespace {

constexpr int kAcceptsPerTurn = 1000;
constexpr Duration kPause = 100ms;

// Errors of accept() that are about the connection it would have returned, not about us.
bool concerns_one_connection(int error) {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPERM:
    case EPROTO:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
    case ETIMEDOUT:
      return true;
    default:
      return false;
  }
}

Result<IpAddress> address_to_listen(const Address& at) {
  const bool is_v6 = at.host.find(':') != std::string::npos;
  const std::string host = at.host.empty() || at.host == "*" ? "0.0.0.0"
                           : at.host == "::*"                ? "::"
                                                             : at.host;
  TRY(const auto found, resolve(host, at.port, is_v6 ? AF_INET6 : AF_INET, true));
  return found.front();
}

Result<os::Descriptor> listen_ip(const Address& at, int backlog) {
  TRY(const IpAddress address, address_to_listen(at));
  TRY(os::Descriptor socket, open_socket(address.any.sa_family));
  set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.any.sa_family == AF_INET6) set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (::bind(socket.get(), &address.any, address.size()) != 0) return os::io_error("bind", errno);
  if (::listen(socket.get(), backlog) != 0) return os::io_error("listen", errno);
  return socket;
}

// A socket file that nobody answers at is left over from a process that ended.
void remove_stale_file(const sockaddr_un& address) {
  struct stat status;
  if (::lstat(address.sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const Result<os::Descriptor> probe = open_socket(AF_UNIX);
  if (probe &&
      ::connect(probe->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno == ECONNREFUSED)
    ::unlink(address.sun_path);
}

Result<os::Descriptor> listen_unix(const Address& at, Loop::ListenOptions options) {
  TRY(const sockaddr_un address, unix_address(at.path));
  TRY(os::Descriptor socket, open_socket(AF_UNIX));
  remove_stale_file(address);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return os::io_error("bind", errno);
  // Until listen() nobody can connect, so nobody slips in under wider permissions.
  if ((options.unix_permissions != 0 && ::chmod(address.sun_path, options.unix_permissions) != 0) ||
      ::listen(socket.get(), options.backlog) != 0) {
    const int error = errno;
    ::unlink(address.sun_path);
    return os::io_error("listen", error);
  }
  return socket;
}

KernelListener::FileId file_at(const std::string& path) {
  struct stat status;
  std::error_code error;
  if (path.empty() || ::stat(path.c_str(), &status) != 0) return {};
  // Absolute, since the process may change its directory meanwhile.
  return {std::filesystem::absolute(path, error).string(), status.st_dev, status.st_ino};
}

}  // namespace

Result<std::unique_ptr<Listener>> KernelListener::open(PollingLoop& loop, const Address& at,
                                                       Loop::ListenOptions options,
                                                       Loop::OnAccept on_accept) {
  if (!at.path.empty()) {
    TRY(os::Descriptor socket, listen_unix(at, options));
    return std::make_unique<KernelListener>(loop, std::move(socket),
                                            Address{.host = {}, .port = 0, .path = at.path},
                                            file_at(at.path), std::move(on_accept));
  }
  TRY(os::Descriptor socket, listen_ip(at, options.backlog));
  Address local = local_address(socket.get());
  return std::make_unique<KernelListener>(loop, std::move(socket), std::move(local), FileId{},
                                          std::move(on_accept));
}

KernelListener::KernelListener(PollingLoop& loop, os::Descriptor socket, Address local, FileId file,
                               Loop::OnAccept on_accept)
    : loop_(loop),
      socket_(std::move(socket)),
      local_(std::move(local)),
      file_(std::move(file)),
      on_accept_(std::make_shared<Loop::OnAccept>(std::move(on_accept))),
      id_(loop.poller().enroll(*this)) {
  start();
}

KernelListener::~KernelListener() {
  loop_.cancel(retry_);
  loop_.poller().dismiss(id_);
  if (file_.absolute_path.empty()) return;
  const FileId now = file_at(file_.absolute_path);
  if (now.device == file_.device && now.inode == file_.inode) ::unlink(now.absolute_path.c_str());
}

void KernelListener::on_ready(std::uint32_t) {
  const std::shared_ptr<Loop::OnAccept> on_accept = on_accept_;
  const Poller& poller = loop_.poller();
  const SourceId id = id_;
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    if (std::unique_ptr<Stream> stream = accept()) {
      (*on_accept)(std::move(stream));
      if (!poller.find(id)) return;  // destroyed by the callback
    } else if (errno == EAGAIN) {
      return;
    } else if (!concerns_one_connection(errno)) {
      return pause();
    }
  }
}

std::unique_ptr<Stream> KernelListener::accept() {
  Endpoint peer{.ip = {}, .path = local_.path};
  socklen_t size = sizeof peer.ip;  // the name of a Unix client does not fit, and is not wanted
  os::Descriptor socket(
      ::accept4(socket_.get(), &peer.ip.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket.is_open()) return nullptr;
  return std::make_unique<KernelStream>(std::move(socket), std::move(peer));
}

void KernelListener::start() {
  retry_ = TimerId::none;
  if (loop_.poller().watch(id_, socket_.get(), registered_, EPOLLIN) != 0) return pause();
  registered_ = EPOLLIN;
}

void KernelListener::pause() {
  // The connections wait in the backlog. Level-triggered epoll would report them on every turn.
  loop_.poller().watch(id_, socket_.get(), registered_, 0);
  registered_ = 0;
  retry_ = loop_.call_after(kPause, [this] { start(); });
}

}  // namespace banyan::net
