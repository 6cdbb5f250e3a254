// INFO: the sections server, clients, cpu, cluster, workers, debug.
#include "server/info_sections.h"

namespace banyan::server {

namespace {

std::string supervised_name(config::Supervised how) {
  switch (how) {
    case config::Supervised::none:
    case config::Supervised::automatic:
      return "no";
    case config::Supervised::upstart:
      return "upstart";
    case config::Supervised::systemd:
      return "systemd";
  }
  return "unknown";
}

std::string listener_lines(Server& server) {
  const config::Network& network = server.settings().network;
  std::string lines;
  unsigned number = 0;
  if (network.port != 0) {
    lines += fmt::format("listener{}:name=tcp", number++);
    for (const std::string& address : network.bind) lines += ",bind=" + address;
    lines += fmt::format(",port={}\r\n", server.listening_port());
  }
  if (!network.unix_socket.empty())
    lines += fmt::format("listener{}:name=unix,bind={}\r\n", number++, network.unix_socket);
  return lines;
}

}  // namespace

std::string server_info(Server& server) {
  Env& env = server.env();
  const config::Settings& settings = server.settings();
  const SystemFacts facts = env.system_facts();
  const UnixMs now = env.unix_ms();
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(
                          server.main_worker().loop().precise_now() - server.started())
                          .count();
  std::string text = fmt::format(
      "redis_version:{}\r\nredis_git_sha1:00000000\r\nredis_git_dirty:0\r\n"
      "redis_build_id:0000000000000000\r\nbanyan_version:{}\r\nredis_mode:{}\r\nos:{}\r\n"
      "arch_bits:64\r\nmonotonic_clock:POSIX clock_gettime\r\nmultiplexing_api:epoll\r\n"
      "atomicvar_api:c11-builtin\r\ngcc_version:{}.{}.{}\r\nprocess_id:{}\r\n"
      "process_supervised:{}\r\nrun_id:{}\r\n",
      kRedisVersion, kBanyanVersion, settings.cluster.enabled ? "cluster" : "standalone",
      facts.system, __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__, env.process_id(),
      supervised_name(settings.process.supervised), server.run_id());
  text += fmt::format(
      "tcp_port:{}\r\nserver_time_usec:{}\r\nuptime_in_seconds:{}\r\nuptime_in_days:{}\r\n"
      "hz:{}\r\nconfigured_hz:{}\r\nlru_clock:{}\r\nexecutable:{}\r\nconfig_file:{}\r\n"
      "io_threads_active:{}\r\n",
      server.listening_port(), now * 1000, uptime, uptime / 86400, settings.process.hz,
      settings.process.hz, (now / 1000) & 0xffffff, facts.executable, server.config().file(),
      server.workers().size() > 1 ? 1 : 0);
  if (server.shutdown().is_waiting())
    text +=
        fmt::format("shutdown_in_milliseconds:{}\r\n",
                    std::chrono::ceil<std::chrono::milliseconds>(server.shutdown().left()).count());
  return text + listener_lines(server);
}

std::string clients_info(Server& server) {
  std::size_t clients = 0, held = 0, input_max = 0, output_max = 0;
  for (const auto& worker : server.workers()) {
    for (const auto& [id, connection] : worker->connections()) {
      if (connection->session().kind != commands::SessionKind::normal) continue;
      ++clients;
      if (connection->is_held()) ++held;
      input_max = std::max(input_max, connection->input_capacity());
      output_max = std::max(output_max, connection->output().memory_bytes());
    }
  }
  const auto keys = server.interest().count_blocking_keys();
  return fmt::format(
      "connected_clients:{}\r\ncluster_connections:0\r\nmaxclients:{}\r\n"
      "client_recent_max_input_buffer:{}\r\nclient_recent_max_output_buffer:{}\r\n"
      "blocked_clients:{}\r\ntracking_clients:0\r\nclients_in_timeout_table:0\r\n"
      "total_blocking_keys:{}\r\ntotal_blocking_keys_on_nokey:{}\r\n",
      clients, server.settings().network.clients_max, input_max, output_max, held, keys.all,
      keys.when_gone);
}

std::string cpu_info(Server& server) {
  const ProcessStats process = server.env().process_stats();
  return fmt::format(
      "used_cpu_sys:{:.6f}\r\nused_cpu_user:{:.6f}\r\nused_cpu_sys_children:0.000000\r\n"
      "used_cpu_user_children:0.000000\r\nused_cpu_sys_main_thread:{:.6f}\r\n"
      "used_cpu_user_main_thread:{:.6f}\r\n",
      process.cpu_system_seconds, process.cpu_user_seconds, process.main_thread_cpu_system_seconds,
      process.main_thread_cpu_user_seconds);
}

std::string cluster_info(Server& server) {
  return fmt::format("cluster_enabled:{}\r\n", server.settings().cluster.enabled ? 1 : 0);
}

std::string workers_info(Server& server) {
  std::string text = fmt::format("workers:{}\r\n", server.workers().size());
  for (const auto& worker : server.workers()) {
    const TrafficCounters& traffic = worker->traffic();
    text += fmt::format(
        "worker{}:clients={},commands={},input_bytes={},output_bytes={},event_loop_turns={}\r\n",
        worker->number(), worker->connections().size(),
        std::uint64_t{worker->dispatcher().stats().commands}, std::uint64_t{traffic.input_bytes},
        std::uint64_t{traffic.output_bytes}, std::uint64_t{traffic.turns});
  }
  return text;
}

std::string debug_info(Server&) {
  return "eventloop_duration_aof_sum:0\r\neventloop_duration_cron_sum:0\r\n"
         "eventloop_duration_max:0\r\neventloop_cmd_per_cycle_max:0\r\n";
}

}  // namespace banyan::server
