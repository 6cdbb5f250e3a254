"""Our primary with replicas of ours: syncs, cuts, promotions, stuck replicas, lying primaries."""
import random
import time

from lib.digest import first_difference
from lib.fake import FakePrimary, Talk, fake_replica
from lib.load import Writer, fill
from lib.nodes import Node, Nodes
from lib.resp import ReplyError
from lib.wait import wait_until

SETTINGS = {"repl_diskless_sync_delay": 0, "enable_debug_command": "yes", "threads": 2,
            "repl_ping_replica_period": 3600}


def make(nodes: Nodes, **more) -> Node:
    return nodes.banyan(**{**SETTINGS, **more})


def error_of(node: Node, *command) -> str:
    try:
        return f"no error but {node.call(*command)!r}"
    except ReplyError as error:
        return str(error)


def assert_same(nodes: Nodes, primary: Node, *replicas: Node) -> None:
    nodes.wait_in_step(primary, *replicas)
    for replica in replicas:
        assert replica.call("DEBUG", "DIGEST") == primary.call("DEBUG", "DIGEST"), \
            first_difference(primary.client(), replica.client())


def syncs(primary: Node) -> tuple[int, int]:
    """How many full and partial syncs a primary has given."""
    stats = primary.info("stats")
    return int(stats["sync_full"]), int(stats["sync_partial_ok"])


def test_two_replicas_sync_under_load_and_continue_after_cuts(nodes: Nodes):
    primary = make(nodes, threads=4, repl_backlog_size="50mb")
    replicas = [make(nodes), make(nodes, threads=4)]
    fill(primary)
    with primary.client(timeout_s=30) as client:
        client.pipeline([("SET", f"old{i}", "x" * 200) for i in range(50000)])
    links = [nodes.cutter(primary) for _ in replicas]
    # A pace that cannot write a whole backlog in the second that a link needs to come back.
    with Writer(primary, value_bytes=200, every_s=0.001) as _, \
            Writer(primary, value_bytes=3000, every_s=0.001) as _:
        for link, replica in zip(links, replicas):
            replica.call("REPLICAOF", "127.0.0.1", link.port)
        for replica in replicas:
            replica.wait_link_up()
        full = syncs(primary)[0]
        for turn in range(3):
            partial = syncs(primary)[1]
            for link in links:
                link.cut_after(10000 + turn)
            wait_until(lambda: syncs(primary)[1] >= partial + 2, "both continue", 20)
    assert_same(nodes, primary, *replicas)
    assert syncs(primary)[0] == full == 2
    for replica in replicas:
        # Both writers write the same names: a name holds the value of one of them.
        assert replica.call("DBSIZE") == primary.call("DBSIZE")


def test_a_replica_restarted_from_its_file_continues(nodes: Nodes):
    primary, replica = make(nodes), make(nodes, save="3600 1")
    fill(primary)
    replica.follow(primary)
    nodes.wait_in_step(primary, replica)
    replica.settings["replicaof"] = ["127.0.0.1", str(primary.port)]
    assert replica.stop() == 0
    primary.call("SET", "while", "down")
    replica.start().wait_link_up()
    assert replica.call("GET", "while") == b"down"
    assert syncs(primary) == (1, 1)
    replica.kill()
    primary.call("SET", "while", "killed")
    replica.start().wait_link_up()
    assert_same(nodes, primary, replica)
    assert syncs(primary)[1] == 2, "an older file of the same history is continued, too"


def test_replicas_continue_with_a_primary_restarted_from_its_file(nodes: Nodes):
    primary, replica = make(nodes, save="3600 1"), make(nodes)
    fill(primary)
    replica.follow(primary)
    nodes.wait_in_step(primary, replica)
    assert primary.stop() == 0
    primary.start()
    primary.call("SET", "after", "restart")
    wait_until(lambda: replica.call("GET", "after") == b"restart", "the replica is back", 20)
    assert_same(nodes, primary, replica)
    assert syncs(primary) == (0, 1)


def test_wait_counts_replicas(nodes: Nodes):
    primary, replicas = make(nodes), [make(nodes), make(nodes)]
    for replica in replicas:
        replica.follow(primary)
    client = primary.client()
    client.call("SET", "k", 1)
    assert client.call("WAIT", 2, 10000) == 2
    assert all(replica.call("GET", "k") == b"1" for replica in replicas)
    replicas[0].pause()
    client.call("SET", "k", 2)
    started = time.monotonic()
    assert client.call("WAIT", 2, 300) == 1
    assert 0.29 < time.monotonic() - started < 5
    client.send("WAIT", 2, 0)
    assert not client.has_data(within_s=0.2)
    replicas[0].resume()
    assert client.answer() == 2
    assert "WAIT cannot be used" in error_of(replicas[0], "WAIT", 1, 1)


def test_a_replica_takes_no_writes(nodes: Nodes):
    primary, replica = make(nodes), make(nodes)
    replica.follow(primary)
    assert error_of(replica, "SET", "k", 1) == \
        "READONLY You can't write against a read only replica."
    assert replica.call("GET", "k") is None
    replica.call("CONFIG", "SET", "replica-read-only", "no")
    assert replica.call("SET", "own", 1) == "OK"
    assert primary.call("GET", "own") is None
    replica.call("CONFIG", "SET", "replica-read-only", "yes")
    assert error_of(replica, "DEL", "own").startswith("READONLY")


def test_a_promoted_replica_is_followed_partially(nodes: Nodes):
    first, second, third = make(nodes), make(nodes), make(nodes)
    fill(first)
    second.follow(first)
    third.follow(first)
    with Writer(first) as writer:
        wait_until(lambda: len(writer.acknowledged) > 200, "writes")
    nodes.wait_in_step(first, second, third)
    second.call("REPLICAOF", "NO", "ONE")
    assert second.info("replication")["role"] == "master"
    second.call("SET", "promoted", "yes")
    third.follow(second)
    first.follow(second)
    assert_same(nodes, second, first, third)
    assert syncs(second) == (0, 2) and syncs(first)[0] == 2
    assert first.call("GET", "promoted") == b"yes"
    assert writer.missing(third, writer.acknowledged) == []


def test_a_chain_survives_cuts_and_a_new_history(nodes: Nodes):
    first, middle, last = make(nodes), make(nodes), make(nodes)
    fill(first)
    link = nodes.cutter(first)
    middle.follow(link)
    last.follow(middle)
    with Writer(first) as writer:
        for _ in range(2):
            count = len(writer.acknowledged)
            link.cut()
            wait_until(lambda: len(writer.acknowledged) > count + 100, "writes")
    wait_until(lambda: syncs(first)[1] >= 1, "it continues", 20)
    assert_same(nodes, first, middle, last)
    assert syncs(first)[0] == syncs(middle)[0] == 1
    other = make(nodes)
    other.call("SET", "another", "history")
    middle.follow(other)
    wait_until(lambda: last.call("GET", "another") == b"history", "the end of the chain syncs", 20)
    assert_same(nodes, other, middle, last)


def test_min_replicas_to_write(nodes: Nodes):
    primary, replica = make(nodes, min_replicas_to_write=1, min_replicas_max_lag=2), make(nodes)
    refused = "NOREPLICAS Not enough good replicas to write."
    assert error_of(primary, "SET", "k", 1) == refused
    assert primary.call("GET", "k") is None
    replica.follow(primary)
    wait_until(lambda: primary.call("SET", "k", 1) == "OK", "one good replica")
    assert primary.info("replication")["min_slaves_good_slaves"] == "1"
    replica.pause()
    wait_until(lambda: error_of(primary, "SET", "k", 2) == refused, "its acks are too old")
    replica.resume()
    wait_until(lambda: primary.call("SET", "k", 3) == "OK", "it is good again")
    replica.kill()
    wait_until(lambda: error_of(primary, "SET", "k", 4) == refused, "it is gone")


def test_stale_data_is_not_served_where_so_configured(nodes: Nodes):
    primary, replica = make(nodes), make(nodes, replica_serve_stale_data="no")
    primary.call("SET", "k", 1)
    replica.follow(primary)
    nodes.wait_in_step(primary, replica)
    assert replica.call("GET", "k") == b"1"
    primary.kill()
    stale = "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."
    wait_until(lambda: error_of(replica, "GET", "k") == stale, "the link is down")
    assert replica.info("replication")["master_link_status"] == "down"
    assert error_of(replica, "SET", "k", 2).startswith(("MASTERDOWN", "READONLY"))
    replica.call("CONFIG", "SET", "replica-serve-stale-data", "yes")
    assert replica.call("GET", "k") == b"1"
    replica.call("CONFIG", "SET", "replica-serve-stale-data", "no")
    primary.start()
    replica.wait_link_up()
    assert replica.call("GET", "k") is None, "the primary came back without its data"


def test_a_transaction_finds_the_link_gone_that_it_killed(nodes: Nodes):
    primary, replica = nodes.banyan(), nodes.banyan(threads=1)
    replica.follow(primary)
    client = replica.client()
    for words in (["MULTI"], ["CLIENT", "KILL", "TYPE", "master"], ["ROLE"]):
        client.call(*words)
    killed, role = client.call("EXEC")
    assert killed == 1 and role[3] != b"connected", role
    replica.wait_link_up()
    nodes.wait_in_step(primary, replica)


def test_a_stuck_replica_is_cut_off(nodes: Nodes):
    """It reads nothing any more: what it has not taken costs memory up to the limit, no more."""
    primary = make(nodes, client_output_buffer_limit=["replica", "8mb", "4mb", "1"])
    replica = make(nodes)
    replica.follow(primary)
    nodes.wait_in_step(primary, replica)
    replica.pause()
    before = int(primary.info("memory")["used_memory"])
    client = primary.client()

    def is_cut_off() -> bool:
        client.pipeline([("SET", "k", "x" * 100_000)] * 10)
        return primary.info("replication")["connected_slaves"] == "0"

    wait_until(is_cut_off, "it is cut off", 20)
    assert "overcoming of output buffer limits" in primary.log()
    wait_until(lambda: int(primary.info("memory")["used_memory"]) < before + 12_000_000,
               "what was kept for it is freed")
    replica.resume()
    wait_until(lambda: syncs(primary)[0] == 2, "it asks again", 20)
    replica.wait_link_up()
    assert_same(nodes, primary, replica)


def test_a_replica_stuck_in_its_full_sync_is_cut_off(nodes: Nodes):
    primary = make(nodes, repl_timeout=2)
    with primary.client(timeout_s=30) as client:
        client.pipeline([("SET", f"k{i}", "x" * 10000) for i in range(3000)])
    stuck = fake_replica(primary.port)
    wait_until(lambda: "wait_bgsave" in primary.info("replication")["slave0"], "it syncs")
    wait_until(lambda: primary.info("replication")["connected_slaves"] == "0", "it is cut off", 20)
    stuck.close()
    replica = make(nodes)
    replica.follow(primary)
    assert_same(nodes, primary, replica)


# --- Primaries that lie. The replica keeps its data, says why, and stays up.

ID = "0123456789abcdef0123456789abcdef01234567"


def check_liar(nodes: Nodes, script, tries: int = 1) -> list[str]:
    """A node with data follows the liar; then it has its data still and follows an honest node.
    Gives the warnings that it logged meanwhile."""
    node = make(nodes, repl_timeout=3)
    fill(node)
    digest = node.call("DEBUG", "DIGEST")
    said = len(node.log())
    with FakePrimary(script, tries) as liar:
        node.call("REPLICAOF", "127.0.0.1", liar.port)
        wait_until(lambda: liar.served == tries, f"{tries} tries", 10 + 3 * tries)
        wait_until(lambda: node.info("replication")["master_link_status"] == "down", "link down")
        assert node.call("DEBUG", "DIGEST") == digest
        assert node.is_running() and node.call("PING") == "PONG"
        lines = node.log()[said:].splitlines()
    honest = make(nodes)
    honest.call("SET", "honest", "yes")
    node.follow(honest)
    assert_same(nodes, honest, node)
    return [line.split(" # ", 1)[1] for line in lines if " # " in line]


def an_rdb(nodes: Nodes) -> bytes:
    source = make(nodes)
    source.call("SET", "from the liar", "x" * 300)
    source.call("SAVE")
    data = (source.folder / "dump.rdb").read_bytes()
    source.stop()
    return data


def payload_script(header: bytes, payload: bytes):
    def script(talk: Talk, _: int) -> None:
        talk.until_psync()
        talk.send(f"+FULLRESYNC {ID} 100\r\n".encode() + header + payload)
        if not header.startswith(b"$EOF") and len(payload) < int(header[1:]):
            return  # closes before its end
        talk.wait_closed()
    return script


def test_a_primary_that_speaks_garbage(nodes: Nodes):
    noise = random.Random(1).randbytes(5000).replace(b"\n", b"")

    def script(talk: Talk, number: int) -> None:
        if number == 0:
            talk.send(noise[:100] + b"\r\n" + noise)
        else:
            talk.until_psync()
            talk.send(b"+" + noise[:50] + b"\r\n")
        talk.wait_closed()
    complaints = check_liar(nodes, script, tries=2)
    assert len(complaints) >= 2
    assert all(len(each) < 400 and each.isprintable() for each in complaints), complaints


def test_a_primary_that_closes_at_each_step(nodes: Nodes):
    rdb = an_rdb(nodes)
    header = f"+FULLRESYNC {ID} 100\r\n".encode()

    def script(talk: Talk, number: int) -> None:
        if number < 4:
            for _ in range(number):
                words = talk.command()
                talk.send(b"+PONG\r\n" if words[0].upper() == b"PING" else b"+OK\r\n")
            return
        talk.until_psync()
        steps = [b"", b"\n", header[:20], header, header + b"$", header + b"$%d\r\n" % len(rdb),
                 header + b"$%d\r\n" % len(rdb) + rdb[:-1]]
        talk.send(steps[number - 4])
    complaints = check_liar(nodes, script, tries=11)
    assert 11 <= len(complaints) <= 22, complaints  # one line or two for each


test_a_primary_that_closes_at_each_step.limit_s = 90


def test_a_primary_whose_line_never_ends(nodes: Nodes):
    def script(talk: Talk, _: int) -> None:
        talk.command()
        for _ in range(1000):
            talk.send(b"+" + b"x" * 100_000)
    complaints = check_liar(nodes, script)
    assert complaints == ["Failed to read response from the server: line too long"]


def test_payloads_that_are_no_rdb(nodes: Nodes):
    rdb = an_rdb(nodes)
    flipped = bytearray(rdb)
    flipped[len(rdb) // 2] ^= 4
    bad = [b"REDIS9999" + rdb[9:], b"x" * 200, bytes(flipped), rdb[:60], rdb[:-8] + bytes(7) + b"1"]

    def script(talk: Talk, number: int) -> None:
        payload = bad[number % len(bad)]
        payload_script(b"$%d\r\n" % len(payload), payload)(talk, number)
    complaints = check_liar(nodes, script, tries=len(bad))
    assert len(complaints) == len(bad), complaints


def test_payloads_that_end_early_or_never(nodes: Nodes):
    rdb = an_rdb(nodes)
    mark = b"m" * 40
    scripts = [payload_script(b"$%d\r\n" % (len(rdb) + 1000), rdb),
               payload_script(b"$%d\r\n" % 10**18, rdb),
               payload_script(b"$EOF:" + mark + b"\r\n", rdb + mark[:-1]),
               payload_script(b"$EOF:" + mark + b"\r\n", rdb[:50] + mark)]
    complaints = check_liar(nodes, lambda talk, n: scripts[n % 4](talk, n), tries=4)
    assert len(complaints) == 4, complaints


def test_answers_that_make_no_sense(nodes: Nodes):
    answers = [b"+FULLRESYNC\r\n", b"+FULLRESYNC short 1\r\n", f"+FULLRESYNC {ID} -5\r\n".encode(),
               f"+FULLRESYNC {ID} 99999999999999999999\r\n".encode(), b"+CONTINUE nonsense\r\n",
               f"+FULLRESYNC {ID} 1\r\n$-1\r\n".encode(), f"+FULLRESYNC {ID} 1\r\n$x\r\n".encode(),
               f"+FULLRESYNC {ID} 1\r\n$EOF:short\r\n".encode(), b"-LOADING not yet\r\n"]

    def script(talk: Talk, number: int) -> None:
        talk.until_psync()
        talk.send(answers[number % len(answers)])
        talk.wait_closed()
    complaints = check_liar(nodes, script, tries=len(answers))
    assert len(complaints) == len(answers) - 1, complaints  # -LOADING is no reason to complain


test_answers_that_make_no_sense.limit_s = 90


def test_a_stream_that_is_no_stream(nodes: Nodes):
    """After an honest full sync the data is the primary's; nonsense after it ends the link only."""
    rdb = an_rdb(nodes)
    streams = [b"*1\r\n$-5\r\n", b"*2\r\n$3\r\nSET\r\n:5\r\n", b"*99999999999999\r\n",
               b"*3\r\n$3\r\nSET\r\n$99999999999999999999\r\n"]

    def script(talk: Talk, number: int) -> None:
        talk.until_psync()
        talk.send(f"+FULLRESYNC {ID} 100\r\n$".encode() + b"%d\r\n" % len(rdb) + rdb)
        talk.send(streams[number % len(streams)])
        talk.wait_closed()
    node = make(nodes, repl_timeout=3)
    with FakePrimary(script, len(streams)) as liar:
        node.call("REPLICAOF", "127.0.0.1", liar.port)
        wait_until(lambda: liar.served == len(streams), "all were tried", 20)
    assert node.call("GET", "from the liar") == b"x" * 300
    assert node.log().count("Protocol error from master") >= len(streams)
