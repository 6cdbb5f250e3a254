// Addresses and sockets as the kernel has them.
//
// Invariants   Every socket is non-blocking and close-on-exec.
// Threads      None; values and pure functions.
// Failure      Result; texts are "<call>: <strerror>" ("bind: Address already in use"), as the log
//              lines of Redis have them.
#pragma once

#include <netinet/in.h>
#include <sys/un.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/env.h"
#include "os/descriptor.h"

namespace banyan::net {

// An IPv4 or IPv6 address with port.
union IpAddress {
  sockaddr any{};
  sockaddr_in v4;
  sockaddr_in6 v6;

  socklen_t size() const { return any.sa_family == AF_INET6 ? sizeof v6 : sizeof v4; }
  Address to_address() const;
};

// Where a stream may be connected to: an IP address or the path of a Unix socket.
struct Endpoint {
  IpAddress ip;
  std::string path;

  Address to_address() const;
};

// getaddrinfo: numeric hosts at once; names only when `may_ask_dns`, which can take long.
// `family` is AF_INET, AF_INET6 or AF_UNSPEC. Never empty on success.
Result<std::vector<IpAddress>> resolve(const std::string& host, std::uint16_t port, int family,
                                       bool may_ask_dns);
bool is_numeric(const std::string& host);

Result<os::Descriptor> open_socket(int family);
Result<sockaddr_un> unix_address(const std::string& path);

// Of the socket's own side; empty when it has none.
Address local_address(int fd);

void set_option(int fd, int level, int name, int value);
void set_keep_alive(int fd, std::chrono::seconds interval);
// Makes close() send a reset instead of an orderly end.
void set_reset_on_close(int fd);

}  // namespace banyan::net
