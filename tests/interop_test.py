"""Beside real Redis servers: as their primary, as their replica, and with each other's files."""
from pathlib import Path

from lib.digest import first_difference
from lib.load import Writer, fill
from lib.nodes import Node, Nodes
from lib.wait import wait_until

# A sync starts at once; what is compared can be compared; no bytes in the stream but the writes.
SETTINGS = {"repl_diskless_sync_delay": 0, "enable_debug_command": "yes",
            "repl_ping_replica_period": 3600}


def ours(nodes: Nodes, **more) -> Node:
    return nodes.banyan(**SETTINGS, **{"threads": 2, **more})


def theirs(nodes: Nodes, **more) -> Node:
    return nodes.redis(**SETTINGS, **more)


def assert_alike(nodes: Nodes, primary: Node, replica: Node) -> None:
    """In step and equal by content. (7.0 takes its digests of another text of scores.)"""
    nodes.wait_in_step(primary, replica)
    assert first_difference(primary.client(), replica.client()) == ""


def assert_same(nodes: Nodes, primary: Node, *replicas: Node) -> None:
    """All in step, and equal: by DEBUG DIGEST, and by content, to say what differs if anything."""
    nodes.wait_in_step(primary, *replicas)
    for replica in replicas:
        assert first_difference(primary.client(), replica.client()) == ""
        assert replica.call("DEBUG", "DIGEST") == primary.call("DEBUG", "DIGEST")


def syncs(primary: Node) -> tuple[int, int]:
    """How many full and partial syncs a primary has given."""
    stats = primary.info("stats")
    return int(stats["sync_full"]), int(stats["sync_partial_ok"])


def check_follows(nodes: Nodes, primary: Node, replica: Node) -> None:
    """A full sync of all shapes under load, then the stream."""
    fill(primary)
    with Writer(primary) as writer:
        wait_until(lambda: len(writer.acknowledged) > 50, "writes are under way")
        replica.follow(primary)
        before = len(writer.acknowledged)
        wait_until(lambda: len(writer.acknowledged) > before + 200, "writes go on", 30)
    fill(primary, seed=2)
    assert_same(nodes, primary, replica)
    assert writer.missing(replica, writer.acknowledged) == []
    assert syncs(primary)[0] == 1


def test_redis_follows_us_diskless(nodes: Nodes):
    check_follows(nodes, ours(nodes, repl_diskless_sync="yes"), theirs(nodes))


def test_redis_follows_us_by_file(nodes: Nodes):
    primary = ours(nodes, repl_diskless_sync="no")
    check_follows(nodes, primary, theirs(nodes, repl_diskless_load="swapdb"))
    assert "Starting BGSAVE for SYNC with target: disk" in primary.log()


def test_we_follow_redis_diskless(nodes: Nodes):
    check_follows(nodes, theirs(nodes, repl_diskless_sync="yes"), ours(nodes))


def test_we_follow_redis_by_file(nodes: Nodes):
    check_follows(nodes, theirs(nodes, repl_diskless_sync="no"), ours(nodes))


def switch(primary: Node, replica: Node) -> None:
    """The replica becomes the primary, and the old primary follows it."""
    replica.call("REPLICAOF", "NO", "ONE")
    primary.follow(replica)


def test_roles_are_switched_under_load(nodes: Nodes):
    """What a replica had when it was promoted stays. What the old primary took after that is gone:
    it is made equal by a full sync."""
    primary, replica = ours(nodes), theirs(nodes)
    fill(primary)
    replica.follow(primary)
    with Writer(primary) as writer:
        safe: list[int] = []
        since = 0
        for _ in range(4):
            wait_until(lambda: len(writer.acknowledged_by(primary, since)) > 200, "some writes", 30)
            safe += writer.acknowledged_by(primary, since)
            offset = primary.offset()
            wait_until(lambda: replica.offset() >= offset, "the replica has come this far")
            switch(primary, replica)
            primary, replica = replica, primary
            since = len(writer.acknowledged)
            writer.send_to(primary)
            assert writer.missing(primary, safe) == []
            assert writer.missing(replica, safe) == []
    assert_same(nodes, primary, replica)


def test_roles_are_switched_in_step_without_full_syncs(nodes: Nodes):
    primary, replica = ours(nodes), theirs(nodes)
    replica.follow(primary)
    with Writer(primary) as writer:
        for turn in range(6):
            count = len(writer.acknowledged)
            wait_until(lambda: len(writer.acknowledged) > count + 100, "some writes", 30)
            writer.hold()
            nodes.wait_in_step(primary, replica)
            switch(primary, replica)
            primary, replica = replica, primary
            writer.send_to(primary)
            writer.go_on()
    assert_same(nodes, primary, replica)
    assert writer.missing(replica, writer.acknowledged) == []
    assert syncs(primary)[0] + syncs(replica)[0] == 1


def check_cuts(nodes: Nodes, primary: Node, replica: Node) -> None:
    """Short interruptions continue where they were, a long one needs a full sync."""
    link = nodes.cutter(primary)
    fill(primary)
    replica.follow(link)
    assert syncs(primary) == (1, 0)
    primary.call("CONFIG", "SET", "repl-backlog-size", "100kb")
    client = primary.client()
    for turn in range(2):
        link.cut_after(7000 + turn)  # in the middle of a command
        client.pipeline([("SET", f"k{i}", f"{turn}" * 100) for i in range(300)])
        link.refuse()
        client.call("SET", "while", f"cut off {turn}")
        link.resume()
        # A replica may be back before the link refuses, so there may be two partial syncs a turn.
        wait_until(lambda: syncs(primary)[1] > turn, "the replica continues", 20)
        assert_same(nodes, primary, replica)
    assert syncs(primary)[0] == 1
    link.refuse()
    for i in range(20):
        client.call("SET", f"long{i}", "x" * 50000)
    link.resume()
    wait_until(lambda: syncs(primary)[0] == 2, "a full sync", 20)
    replica.wait_link_up()
    assert_same(nodes, primary, replica)


def test_redis_continues_after_a_cut(nodes: Nodes):
    check_cuts(nodes, ours(nodes), theirs(nodes))


def test_we_continue_after_a_cut(nodes: Nodes):
    check_cuts(nodes, theirs(nodes), ours(nodes))


def check_big_values(nodes: Nodes, primary: Node, replica: Node) -> None:
    big = bytes(range(256)) * 20480  # 5 MB
    link = nodes.cutter(primary)
    client = primary.client(timeout_s=30)
    client.call("SET", "in the snapshot", big)
    replica.follow(link)
    client.call("SET", "in the stream", big[::-1])
    nodes.wait_in_step(primary, replica)
    link.cut_after(1_000_000)  # within a value
    client.call("SET", "after a cut", big[1:])
    wait_until(lambda: len(replica.call("GET", "after a cut") or b"") == len(big) - 1,
               "it comes", 30)
    assert_same(nodes, primary, replica)


def test_redis_takes_our_big_values(nodes: Nodes):
    check_big_values(nodes, ours(nodes, repl_backlog_size="20mb"), theirs(nodes))


def test_we_take_big_values_of_redis(nodes: Nodes):
    check_big_values(nodes, theirs(nodes, repl_backlog_size="20mb"), ours(nodes))


def check_expiry(nodes: Nodes, primary: Node, replica: Node) -> None:
    client = primary.client()
    client.pipeline([("SET", f"before{i}", i, "PX", 400 + i) for i in range(50)])
    replica.follow(primary)
    client.pipeline([("SET", f"after{i}", i, "PX", 200 + i) for i in range(50)])
    client.pipeline([("PSETEX", "late", 500_000, "x"), ("SET", "kept", 1, "PX", 100),
                     ("PERSIST", "kept"), ("SET", "sooner", 1), ("EXPIRE", "sooner", 400),
                     ("GETEX", "sooner", "PX", 100), ("SET", "past", 1),
                     ("PEXPIREAT", "past", 1)])
    nodes.wait_in_step(primary, replica)
    for key in ("late", "kept", "sooner", "past"):
        assert primary.call("PEXPIRETIME", key) == replica.call("PEXPIRETIME", key), key
    wait_until(lambda: primary.call("DBSIZE") == 2, "the primary expires")
    nodes.wait_in_step(primary, replica)
    assert sorted(replica.call("KEYS", "*")) == [b"kept", b"late"]
    assert replica.call("DBSIZE") == 2
    assert_same(nodes, primary, replica)


def test_redis_expires_with_us(nodes: Nodes):
    check_expiry(nodes, ours(nodes), theirs(nodes))


def test_we_expire_with_redis(nodes: Nodes):
    check_expiry(nodes, theirs(nodes), ours(nodes))


def test_an_expired_key_is_absent_on_our_replica_before_its_primary_says_so(nodes: Nodes):
    primary, replica = theirs(nodes), ours(nodes)
    primary.call("DEBUG", "SET-ACTIVE-EXPIRE", 0)
    replica.follow(primary)
    primary.call("SET", "k", "v", "PX", 50)
    nodes.wait_in_step(primary, replica)
    wait_until(lambda: replica.call("GET", "k") is None, "it is over")
    assert replica.call("DBSIZE") == 1, "a replica deletes nothing by itself"
    assert primary.call("GET", "k") is None
    wait_until(lambda: replica.call("DBSIZE") == 0, "the primary's DEL arrives")


def test_transactions_of_redis_take_effect_at_once(nodes: Nodes):
    """A reader on our replica never sees half of one, though the link is cut within them."""
    primary, replica = theirs(nodes), ours(nodes, threads=4)
    link = nodes.cutter(primary)
    replica.follow(link)
    writer, reader = primary.client(), replica.client()
    for turn in range(4):
        link.cut_after(2000 + 37 * turn)
        for number in range(200):
            value = f"{turn}.{number}"
            writer.pipeline([("MULTI",), ("SET", "a", value), ("SELECT", 1), ("SET", "c", value),
                             ("SELECT", 0), ("SET", "b", value), ("EXEC",)])
            one, other = reader.call("MGET", "a", "b")
            assert one == other, (one, other)
        wait_until(lambda: reader.call("GET", "b") == value.encode(), "the last arrives", 20)
    assert_same(nodes, primary, replica)
    assert syncs(primary)[0] == 1


def test_a_chain_of_both_kinds(nodes: Nodes):
    chain = [theirs(nodes), ours(nodes), theirs(nodes), ours(nodes)]
    fill(chain[0])
    for above, below in zip(chain, chain[1:]):
        below.follow(above)
    with Writer(chain[0]) as writer:
        wait_until(lambda: len(writer.acknowledged) > 300, "writes", 30)
    assert_same(nodes, *chain)
    full = [syncs(node)[0] for node in chain]
    chain[1].call("REPLICAOF", "NO", "ONE")
    chain[1].call("SET", "promoted", "yes")
    wait_until(lambda: chain[3].call("GET", "promoted") == b"yes", "it flows on", 20)
    assert_same(nodes, *chain[1:])
    chain[0].follow(chain[3])
    chain[1].call("SET", "round", "the other end")
    assert_same(nodes, *chain[1:], chain[0])
    assert [syncs(node)[0] for node in chain] == full, "nobody needed a full sync"


def rdb_of(node: Node) -> Path:
    return node.folder / "dump.rdb"


def check_file(nodes: Nodes, writer: Node, reader: Node) -> None:
    """The reader, restarted on the writer's file, holds the same."""
    fill(writer)
    writer.client(timeout_s=30).call("SET", "big", b"0123456789" * 500_000)
    assert writer.call("SAVE") == "OK"
    reader.stop()
    rdb_of(reader).write_bytes(rdb_of(writer).read_bytes())
    reader.start()
    assert first_difference(writer.client(), reader.client()) == ""
    assert writer.call("DEBUG", "DIGEST") == reader.call("DEBUG", "DIGEST")


def test_redis_loads_our_file(nodes: Nodes):
    check_file(nodes, ours(nodes), theirs(nodes))
    check_file(nodes, ours(nodes, rdbcompression="no", rdbchecksum="no"), theirs(nodes))


def test_we_load_a_file_of_redis(nodes: Nodes):
    check_file(nodes, theirs(nodes), ours(nodes))
    lfu = {"maxmemory": "1gb", "maxmemory_policy": "allkeys-lfu", "rdbcompression": "no"}
    check_file(nodes, theirs(nodes, **lfu), ours(nodes))


def test_a_file_with_types_we_do_not_have_is_refused(nodes: Nodes):
    redis, node = theirs(nodes), ours(nodes)
    makers = [("LPUSH", "k", "v"), ("SADD", "k", "v"), ("HSET", "k", "f", "v"),
              ("ZADD", "k", 1, "v"), ("XADD", "k", "*", "f", "v")]
    absent = [each for each in makers if node.call("COMMAND", "INFO", each[0])[0] is None]
    node.stop()
    path = rdb_of(node)
    for maker in absent:
        redis.call("FLUSHALL")
        redis.call("SET", "a string", "first")
        redis.call(*maker)
        redis.call("SAVE")
        assert_refused(node, rdb_of(redis).read_bytes())
    path.unlink(missing_ok=True)
    redis.call("FLUSHALL")
    redis.call("SET", "k", "v")
    redis.call("SAVE")
    data = rdb_of(redis).read_bytes()
    assert data.count(b"\0\1k\1v") == 1
    assert_refused(node, data.replace(b"\0\1k\1v", b"\x63\1k\1v"))  # a type nobody has


def assert_refused(node: Node, data: bytes) -> None:
    """The node does not start on such a file, says why once, and leaves it as it is."""
    rdb_of(node).write_bytes(data)
    lines = node.start_in_vain()
    assert len(lines) == 1 and str(rdb_of(node)) in lines[0] and "type" in lines[0], lines
    assert rdb_of(node).read_bytes() == data
    assert sorted(each.name for each in node.folder.iterdir()) == ["dump.rdb", "server.log"]
