"""Many clients at once, on four workers: idle ones, busy ones, and one who deletes everything."""
import os
import threading
import time

from lib.nodes import Node, Nodes
from lib.resp import Client, ReplyError, info
from lib.wait import wait_until

IDLE = 10_000 if os.environ.get("BANYAN_SOAK") else 2000
KEYS = 5_000_000 if os.environ.get("BANYAN_SOAK") else 300_000


def connected(node: Node) -> int:
    return int(node.info("clients")["connected_clients"])


def run_threads(count: int, work) -> None:
    """work(number) in `count` threads at once; what one raises is raised here."""
    errors = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            errors.append(error)
    threads = [threading.Thread(target=guarded, args=(n,), daemon=True) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(50)
    assert not any(thread.is_alive() for thread in threads), "a thread did not end"
    if errors:
        raise errors[0]


def test_idle_connections_cost_little_and_end_with_the_node(nodes: Nodes):
    node = nodes.banyan(threads=4, maxclients=IDLE + 100)
    node.call("PING")
    before = node.memory_peak_bytes()
    idle = [node.client() for _ in range(IDLE)]
    wait_until(lambda: connected(node) == IDLE + 1, "all are connected", 30)
    assert (node.memory_peak_bytes() - before) / IDLE < 4096
    for client in idle[::100]:
        assert client.call("PING") == "PONG"
    for client in idle[::2]:
        client.close()
    wait_until(lambda: connected(node) == IDLE // 2 + 1, "half of them are gone", 30)
    assert node.stop() == 0
    assert all(client.is_closed_by_peer() for client in idle[1::2])


def test_a_node_of_many_keys_and_idle_clients_starts_stops_and_restarts(nodes: Nodes):
    settings = {"save": ["86400", "1"], "maxclients": IDLE + 100, "enable_debug_command": "yes"}
    primary, replica = nodes.banyan(**settings), nodes.banyan(**settings)
    assert primary.call("DEBUG", "POPULATE", KEYS, "key", 32) == "OK"
    replica.follow(primary, within_s=60)
    nodes.wait_in_step(primary, replica, within_s=60)

    def with_idle(node: Node, count: int) -> list[Client]:
        idle = [node.client() for _ in range(count)]
        wait_until(lambda: connected(node) >= count, "all are connected", 30)
        return idle

    idle = with_idle(primary, IDLE)
    others = with_idle(replica, 1000)
    assert replica.stop(within_s=60) == 0  # writes its file
    assert all(client.is_closed_by_peer() for client in others[::100])
    primary.call("SET", "while", "it was away")
    before = primary.info("stats")
    replica.start("--replicaof", f"127.0.0.1 {primary.port}", within_s=60)
    replica.wait_link_up(60)
    nodes.wait_in_step(primary, replica, within_s=60)
    assert replica.call("GET", "while") == b"it was away"
    after = primary.info("stats")
    assert after["sync_full"] == before["sync_full"], "the restarted replica needed everything anew"
    assert int(after["sync_partial_ok"]) == int(before["sync_partial_ok"]) + 1

    assert all(client.call("PING") == "PONG" for client in idle[::100])
    assert primary.stop(within_s=60) == 0
    assert primary.start(within_s=60).call("DBSIZE") == KEYS + 1
    assert replica.call("DBSIZE") == KEYS + 1


test_a_node_of_many_keys_and_idle_clients_starts_stops_and_restarts.limit_s = 240


def test_one_client_too_many_is_told_so(nodes: Nodes):
    node = nodes.banyan(threads=4, maxclients=20)
    observer = node.client()
    # Whoever asked whether the node is up may not be gone yet.
    wait_until(lambda: int(info(observer, "clients")["connected_clients"]) == 1, "we are alone")
    clients = [observer, *(node.client() for _ in range(19))]
    assert all(client.call("PING") == "PONG" for client in clients)
    late = node.client()
    assert str(late.read().plain()) == "ERR max number of clients reached"
    assert late.is_closed_by_peer()
    clients[0].close()
    wait_until(lambda: node.client().call("PING") == "PONG", "there is room again")
    assert int(clients[1].call("INFO", "stats").decode().split("rejected_connections:")[1]
               .split()[0]) >= 1


def test_clients_that_come_and_go_leave_nothing(nodes: Nodes):
    node = nodes.banyan(threads=4)

    def come_and_go(number: int) -> None:
        for turn in range(150):
            with Client(node.port) as client:
                if turn % 3 == 0:
                    client.send("SET", f"k{number}", "x" * turn * 100)  # and gone before the reply
                elif turn % 3 == 1:
                    assert client.call("PING") == "PONG"
    run_threads(8, come_and_go)
    wait_until(lambda: connected(node) == 1, "all are gone")
    assert node.call("DBSIZE") == 8


def test_increments_of_many_clients_add_up(nodes: Nodes):
    node, replica = nodes.banyan(threads=4, repl_diskless_sync_delay=0), nodes.banyan(threads=4)
    replica.follow(node)

    def count(number: int) -> None:
        with Client(node.port, timeout_s=30) as client:
            for _ in range(20):
                replies = client.pipeline([("INCR", "all"), ("INCRBY", f"own{number}", 2),
                                           ("APPEND", "text", "x")] * 100)
                assert not any(isinstance(each, ReplyError) for each in replies)
                own = replies[1::3]
                assert own == list(range(own[0], own[0] + 200, 2)), "its own order is kept"
    run_threads(8, count)
    assert node.call("GET", "all") == b"16000"
    assert node.call("STRLEN", "text") == 16000
    assert [node.call("GET", f"own{n}") for n in range(8)] == [b"4000"] * 8
    nodes.wait_in_step(node, replica)
    keys = [b"all", b"text", *(b"own%d" % n for n in range(8))]
    assert replica.call("MGET", *keys) == node.call("MGET", *keys)


def test_the_log_has_the_order_of_all_workers(nodes: Nodes):
    """Clients that overwrite, rename, delete and expire the same keys: a replica ends up equal."""
    settings = {"threads": 4, "repl_diskless_sync_delay": 0, "enable_debug_command": "yes"}
    node, replica = nodes.banyan(**settings), nodes.banyan(**settings)
    replica.follow(node)

    def disturb(number: int) -> None:
        with Client(node.port, timeout_s=30) as client:
            for turn in range(300):
                one, other = f"k{turn % 7}", f"k{(turn + number) % 7}"
                client.call("SELECT", turn % 2)
                client.pipeline([("SET", one, f"{number}.{turn}"), ("APPEND", other, number),
                                 ("MSET", other, turn, "both", number), ("RENAME", one, other),
                                 ("COPY", other, one, "REPLACE"), ("SET", one, "x", "PX", 1 + turn),
                                 ("GETDEL", other), ("MOVE", one, 1 - turn % 2),
                                 ("SETRANGE", other, turn, "y")])
                if turn % 50 == 49:
                    client.call("SWAPDB", 0, 1)
    run_threads(6, disturb)

    def equal() -> bool:
        nodes.wait_in_step(node, replica)
        return node.call("DEBUG", "DIGEST") == replica.call("DEBUG", "DIGEST")
    wait_until(equal, "both hold the same")  # keys may expire between the two digests


def worst_latency_s(client: Client, until) -> float:
    worst = 0.0
    while not until():
        started = time.monotonic()
        client.call("GET", "present")
        worst = max(worst, time.monotonic() - started)
    return worst


def test_deleting_everything_in_the_background_stalls_nobody(nodes: Nodes):
    """A stall of the server's own making would be there each time; one of the machine's is not."""
    node = nodes.banyan(threads=2, enable_debug_command="yes")
    deleter, other = node.client(timeout_s=60), node.client()
    measured = []
    for _ in range(3):
        deleter.call("DEBUG", "POPULATE", 1_000_000, "key", 16)
        other.call("SET", "present", "x")
        deleter.send("FLUSHALL", "ASYNC")
        end = time.monotonic() + 0.3
        measured.append(worst_latency_s(other, lambda: time.monotonic() > end))
        assert deleter.answer() == "OK" and node.call("DBSIZE") == 0
        if measured[-1] < 0.05:
            return
    raise AssertionError(f"another client waited {measured} seconds")
