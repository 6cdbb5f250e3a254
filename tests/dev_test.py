"""./dev up, status and down: three nodes that follow each other. Tried with the reference server,
and with ours where it is built."""
import os
import subprocess

from lib.nodes import ROOT, Nodes, Skip, redis_path, server_path
from lib.ports import free_ports
from lib.resp import Client


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


def test_a_foreign_server_on_the_port_is_an_error(nodes: Nodes):
    stranger = nodes.redis()
    code, output = dev(nodes, "up", "--server", redis_path(), "--port-base", stranger.port)
    assert code == 1 and "primary ended with 1" in output, output
