"""./dev up, status and down: three nodes that follow each other. Tried with the reference server,
and with ours where it is built."""
import os
import signal
import subprocess

from lib.nodes import ROOT, Nodes, Skip, redis_path, server_path
from lib.ports import free_ports
from lib.resp import Client, info
from lib.wait import wait_until


def dev(nodes: Nodes, *words) -> tuple[int, str]:
    done = subprocess.run([ROOT / "dev", *map(str, words)], capture_output=True, text=True,
                          env=os.environ | {"BANYAN_VAR": str(nodes.folder)}, timeout=100)
    return done.returncode, done.stdout + done.stderr


def check_life(nodes: Nodes, server: str) -> None:
    base = free_ports(3)
    try:
        code, output = dev(nodes, "up", "--server", server, "--port-base", base)
        assert code == 0 and output.count(" up ") == 2, output
        with Client(base) as primary, Client(base + 1) as replica:
            primary.call("SET", "greeting", "hello")
            assert primary.call("WAIT", 2, 10000) == 2
            assert replica.call("GET", "greeting") == b"hello"
        again = dev(nodes, "up", "--server", server, "--port-base", base)
        assert again[0] == 0 and pids(again[1]) == pids(output), again[1]
        assert dev(nodes, "status")[0] == 0
    finally:
        code, output = dev(nodes, "down")
    assert code == 0 and output.count("stopped") == 3, output
    assert dev(nodes, "status")[0] == 1


def pids(output: str) -> list[str]:
    return [line.split()[2] for line in output.splitlines() if line.startswith(("prim", "repl"))]


def test_three_reference_servers_live_and_end(nodes: Nodes):
    if not redis_path():
        raise Skip("redis-server is not installed")
    check_life(nodes, redis_path())


def test_three_nodes_live_and_end(nodes: Nodes):
    if not server_path().exists():
        raise Skip("banyan-server is not built")
    check_life(nodes, str(server_path()))


def test_a_replica_is_replaced_by_a_reference_server_and_back(nodes: Nodes):
    if not server_path().exists() or not redis_path():
        raise Skip("needs banyan-server and redis-server")
    base = free_ports(3)
    try:
        for server, is_ours in ((server_path(), True), (redis_path(), False),
                                (server_path(), True)):
            code, output = dev(nodes, "up", "--server", server, "--port-base", base)
            assert code == 0 and output.count(" up ") == 2, output
            with Client(base) as primary, Client(base + 2) as replica:
                assert ("banyan_version" in info(replica, "server")) == is_ours
                number = primary.call("INCR", "turns")
                assert primary.call("WAIT", 2, 10000) == 2
                assert replica.call("GET", "turns") == str(number).encode()
            last = int(pids(output)[2])
            os.kill(last, signal.SIGTERM)
            wait_until(lambda: dev(nodes, "status")[1].count("not running") == 1, "it ends")
    finally:
        dev(nodes, "down")


test_a_replica_is_replaced_by_a_reference_server_and_back.limit_s = 120


def test_a_foreign_server_on_the_port_is_an_error(nodes: Nodes):
    stranger = nodes.redis()
    code, output = dev(nodes, "up", "--server", redis_path(), "--port-base", stranger.port)
    assert code == 1 and "primary ended with 1" in output, output
