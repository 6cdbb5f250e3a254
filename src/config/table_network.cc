#include "config/specials.h"
#include "config/table.h"

namespace banyan::config {
namespace {

template <auto Field>
using Net = Path<&Settings::network, Field>;
template <auto Field>
using InTls = Path<&Settings::tls, Field>;

constexpr ChoiceName kTlsClientAuth[] = {
    {"no", int(TlsClientAuth::no)},
    {"yes", int(TlsClientAuth::yes)},
    {"optional", int(TlsClientAuth::optional)},
};

// File names are read again even when the name is the same: the file may have changed.
constexpr Flag kFile = Flag::always_applied;
constexpr std::int64_t kUint32Max = std::numeric_limits<std::uint32_t>::max();

constexpr Setting kTable[] = {
    {.name = "bind", .kind = kBind, .flags = Flag::several_words},
    {.name = "bind-source-addr", .kind = optional_text<Net<&Network::bind_source_address>>()},
    {.name = "port", .kind = integer<Net<&Network::port>>(0, 65535)},
    {.name = "tcp-backlog",
     .kind = integer<Net<&Network::backlog>>(0, kIntMax),
     .flags = Flag::immutable},
    {.name = "unixsocket",
     .kind = optional_text<Net<&Network::unix_socket>>(),
     .flags = Flag::immutable},
    {.name = "unixsocketperm",
     .kind = integer<Net<&Network::unix_socket_permissions>>(0, 0777, Notation::octal),
     .flags = Flag::immutable},
    {.name = "unixsocketgroup",
     .kind = optional_text<Net<&Network::unix_socket_group>>(),
     .flags = Flag::immutable | Flag::hidden},
    {.name = "timeout", .kind = integer<Net<&Network::idle_timeout>>(0, kIntMax)},
    {.name = "tcp-keepalive", .kind = integer<Net<&Network::keep_alive>>(0, kIntMax)},
    {.name = "protected-mode", .kind = boolean<Net<&Network::protected_mode>>()},
    {.name = "socket-mark-id",
     .kind = integer<Net<&Network::socket_mark_id>>(0, kUint32Max),
     .flags = Flag::immutable},
    {.name = "maxclients", .kind = integer<Net<&Network::clients_max>>(1, kUint32Max)},
    {.name = "max-new-connections-per-cycle",
     .kind = integer<Net<&Network::new_connections_per_cycle_max>>(1, 1000)},
    {.name = "max-new-tls-connections-per-cycle",
     .kind = integer<Net<&Network::new_tls_connections_per_cycle_max>>(1, 1000)},
    {.name = "tls-port", .kind = integer<InTls<&Tls::port>>(0, 65535)},
    {.name = "tls-cluster", .kind = boolean<InTls<&Tls::cluster>>()},
    {.name = "tls-replication", .kind = boolean<InTls<&Tls::replication>>()},
    {.name = "tls-auth-clients", .kind = choice<InTls<&Tls::client_auth>>(kTlsClientAuth)},
    {.name = "tls-cert-file",
     .kind = optional_text<InTls<&Tls::certificate_file>>(),
     .flags = kFile},
    {.name = "tls-key-file", .kind = optional_text<InTls<&Tls::key_file>>(), .flags = kFile},
    {.name = "tls-key-file-pass",
     .kind = optional_text<InTls<&Tls::key_file_password>>(),
     .flags = Flag::sensitive},
    {.name = "tls-client-cert-file",
     .kind = optional_text<InTls<&Tls::client_certificate_file>>(),
     .flags = kFile},
    {.name = "tls-client-key-file",
     .kind = optional_text<InTls<&Tls::client_key_file>>(),
     .flags = kFile},
    {.name = "tls-client-key-file-pass",
     .kind = optional_text<InTls<&Tls::client_key_file_password>>(),
     .flags = Flag::sensitive},
    {.name = "tls-dh-params-file",
     .kind = optional_text<InTls<&Tls::dh_params_file>>(),
     .flags = kFile},
    {.name = "tls-ca-cert-file",
     .kind = optional_text<InTls<&Tls::ca_certificate_file>>(),
     .flags = kFile},
    {.name = "tls-ca-cert-dir",
     .kind = optional_text<InTls<&Tls::ca_certificate_directory>>(),
     .flags = kFile},
    {.name = "tls-protocols", .kind = optional_text<InTls<&Tls::protocols>>()},
    {.name = "tls-ciphers", .kind = optional_text<InTls<&Tls::ciphers>>()},
    {.name = "tls-ciphersuites", .kind = optional_text<InTls<&Tls::cipher_suites>>()},
    {.name = "tls-prefer-server-ciphers", .kind = boolean<InTls<&Tls::prefer_server_ciphers>>()},
    {.name = "tls-session-caching", .kind = boolean<InTls<&Tls::session_caching>>()},
    {.name = "tls-session-cache-size",
     .kind = integer<InTls<&Tls::session_cache_size>>(0, kIntMax)},
    {.name = "tls-session-cache-timeout",
     .kind = integer<InTls<&Tls::session_cache_timeout>>(0, kIntMax)},
};

}  // namespace

std::span<const Setting> network_settings() { return kTable; }

}  // namespace banyan::config
