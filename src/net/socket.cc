#include "net/socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>

namespace banyan::net {

Address IpAddress::to_address() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool is_v6 = any.sa_family == AF_INET6;
  const void* bytes = is_v6 ? static_cast<const void*>(&v6.sin6_addr) : &v4.sin_addr;
  ::inet_ntop(any.sa_family, bytes, text.data(), text.size());
  return {.host = text.data(), .port = ntohs(is_v6 ? v6.sin6_port : v4.sin_port), .path = {}};
}

Address Endpoint::to_address() const {
  if (!path.empty()) return {.host = {}, .port = 0, .path = path};
  return ip.to_address();
}

Result<std::vector<IpAddress>> resolve(const std::string& host, std::uint16_t port, int family,
                                       bool may_ask_dns) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (may_ask_dns ? 0 : AI_NUMERICHOST);
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), fmt::format_int(port).c_str(), &hints, &found);
  if (code == EAI_SYSTEM) return fail(Errc::io, os::error_text(errno));
  if (code != 0) return fail(Errc::io, ::gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::vector<IpAddress> addresses;
  for (const addrinfo* info = found; info; info = info->ai_next) {
    if (info->ai_family != AF_INET && info->ai_family != AF_INET6) continue;
    IpAddress& address = addresses.emplace_back();
    std::memcpy(static_cast<void*>(&address), info->ai_addr,
                std::min<std::size_t>(info->ai_addrlen, sizeof address));
  }
  if (addresses.empty()) return fail(Errc::io, ::gai_strerror(EAI_NONAME));
  return addresses;
}

bool is_numeric(const std::string& host) {
  return resolve(host, 0, AF_UNSPEC, /*may_ask_dns=*/false).has_value();
}

Result<os::Descriptor> open_socket(int family) {
  os::Descriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return os::io_error("socket", errno);
  return socket;
}

Result<sockaddr_un> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return fail(Errc::io, fmt::format("unix socket path too long ({}), must be under {}",
                                      path.size(), sizeof address.sun_path));
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Address local_address(int fd) {
  IpAddress address;
  socklen_t size = sizeof address;
  if (::getsockname(fd, &address.any, &size) != 0) return {};
  return address.to_address();
}

void set_option(int fd, int level, int name, int value) {
  // Options are wishes: a socket that cannot have one works without.
  ::setsockopt(fd, level, name, &value, sizeof value);
}

void set_keep_alive(int fd, std::chrono::seconds interval) {
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, interval > 0s);
  if (interval <= 0s) return;
  // The kernel's own default is two hours. Three probes, so that one lost packet is no verdict.
  constexpr std::int64_t kMaxSeconds = std::numeric_limits<std::int16_t>::max();  // TCP's limit
  const int idle = static_cast<int>(std::min<std::int64_t>(interval.count(), kMaxSeconds));
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, std::max(idle / 3, 1));
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

void set_reset_on_close(int fd) {
  const linger reset{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

}  // namespace banyan::net
