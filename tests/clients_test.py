"""CLIENT LIST, KILL and PAUSE on a server with four workers: whose clients they concern, and that
nothing breaks while all of them happen at once."""
import threading

from lib.nodes import Nodes
from lib.resp import Client, ReplyError
from lib.wait import wait_until


def ids(client: Client) -> list[int]:
    lines = client.call("CLIENT", "LIST").decode().splitlines()
    return [int(line.split()[0].removeprefix("id=")) for line in lines]


def test_the_clients_of_all_workers_are_listed_and_killed(nodes: Nodes):
    node = nodes.banyan(threads=4)
    mine, others = node.client(), [node.client() for _ in range(11)]
    expected = sorted(client.call("CLIENT", "ID") for client in [mine, *others])
    assert [i for i in ids(mine) if i in expected] == expected
    assert mine.call("CLIENT", "KILL", "ID", others[3].call("CLIENT", "ID")) == 1
    assert others[3].is_closed_by_peer()
    assert mine.call("CLIENT", "KILL", "TYPE", "normal") >= 10
    assert ids(mine) == expected[:1]
    assert all(client.is_closed_by_peer() for client in others)


def test_the_slow_log_names_clients_that_waited(nodes: Nodes):
    """Served while another client's command runs, perhaps on another worker."""
    node = nodes.banyan(threads=4, slowlog_log_slower_than=0)
    mine, waiting = node.client(), [node.client() for _ in range(8)]
    addresses = set()
    for client in waiting:
        fields = client.call("CLIENT", "INFO").decode().split()
        addresses |= {field.removeprefix("addr=") for field in fields if field.startswith("addr=")}
        client.send("BLPOP", "q", 0)
    wait_until(lambda: mine.call("CLIENT", "LIST").count(b" flags=b ") == 8, "eight wait")
    mine.call("RPUSH", "q", *range(8))
    assert sorted(int(client.read().plain()[1]) for client in waiting) == list(range(8))
    entries = [entry for entry in mine.call("SLOWLOG", "GET", -1) if entry[3][0] == b"BLPOP"]
    assert {entry[4].decode() for entry in entries} == addresses


def test_a_pause_holds_the_writes_of_all_workers(nodes: Nodes):
    node = nodes.banyan(threads=4)
    mine, writers = node.client(), [node.client() for _ in range(8)]
    assert mine.call("CLIENT", "PAUSE", 60000, "WRITE") == "OK"
    for writer in writers:
        writer.send("INCR", "n")
    wait_until(lambda: mine.call("CLIENT", "LIST").count(b" flags=b ") == 8, "eight wait")
    assert mine.call("GET", "n") is None
    assert mine.call("CLIENT", "UNPAUSE") == "OK"
    assert sorted(writer.read().plain() for writer in writers) == list(range(1, 9))
    mine.call("CLIENT", "PAUSE", 100, "ALL")
    for writer in writers:
        assert writer.call("INCR", "n") > 8


def test_no_acknowledged_write_is_lost_while_clients_are_killed_and_paused(nodes: Nodes):
    node = nodes.banyan(threads=4)
    done, acknowledged, sent = threading.Event(), [0] * 6, [0] * 6

    def write(number: int) -> None:
        while not done.is_set():
            try:
                with node.client() as client:
                    while not done.is_set():
                        sent[number] += 10
                        client.pipeline([("INCR", "n")] * 10)
                        acknowledged[number] += 10
            except (OSError, ReplyError):
                pass  # killed

    writers = [threading.Thread(target=write, args=(i,)) for i in range(len(sent))]
    for writer in writers:
        writer.start()
    try:
        with node.client() as mine:
            for turn in range(60):
                mine.call("CLIENT", "PAUSE", 20, "ALL")
                mine.call("CLIENT", "LIST")
                if turn % 3 == 0:
                    mine.call("CLIENT", "UNPAUSE")  # else the next one would hold everything too
                    mine.call("CLIENT", "PAUSE", 60000, "WRITE")
                    before = mine.call("GET", "n")
                    assert mine.call("GET", "n") == before, "a write during the pause"
                    mine.call("CLIENT", "UNPAUSE")
                if turn % 5 == 0:
                    mine.call("CLIENT", "KILL", "SKIPME", "yes")
    finally:
        done.set()
        for writer in writers:
            writer.join()
    value = int(node.call("GET", "n") or 0)
    assert 0 < sum(acknowledged) <= value <= sum(sent), (sum(acknowledged), value, sum(sent))
