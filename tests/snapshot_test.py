"""Snapshots of big values: written in pieces, while clients go on with those values and others."""
import random
import shutil
import threading

from lib.nodes import Node, Nodes
from lib.resp import ReplyError
from lib.wait import wait_until

SETTINGS = {"enable_debug_command": "yes", "repl_diskless_sync_delay": 0}
ITEMS = 200_000
AT_ONCE = 1000


def fill(node: Node, items: int = ITEMS) -> None:
    """A big value of each type, spread over two databases, with small ones around them."""
    client = node.client()
    for database, kinds in ((0, ("set", "hash", "list")), (1, ("zset", "stream", "hash"))):
        client.call("SELECT", database)
        for kind in kinds:
            for first in range(0, items, AT_ONCE):
                client.call(*some_of(kind, range(first, first + AT_ONCE)))
        client.call("HPEXPIRE", "big:hash", 10_000_000, "FIELDS", 3, "f1", "f2", f"f{items - 1}")
    client.call("XGROUP", "CREATE", "big:stream", "readers", 0)
    client.call("XREADGROUP", "GROUP", "readers", "ann", "COUNT", 50_000, "STREAMS", "big:stream",
                ">")
    for database in range(4):
        client.call("SELECT", database)
        for k in range(2000):
            client.call("SET", f"small:{k}", f"value {k}", *(["EX", 10_000] if k % 3 == 0 else []))


def some_of(kind: str, numbers) -> list:
    match kind:
        case "set":
            return ["SADD", "big:set", *(f"m{k}" for k in numbers)]
        case "hash":
            return ["HSET", "big:hash", *(w for k in numbers for w in (f"f{k}", f"v{k}"))]
        case "zset":
            return ["ZADD", "big:zset", *(w for k in numbers for w in (k % 1000, f"m{k}"))]
        case "list":
            return ["RPUSH", "big:list", *(f"item {k}" for k in numbers)]
        case "stream":
            return ["XADD", "big:stream", "*", *(w for k in numbers[:20] for w in (f"f{k}", k))]


CHANGES = {
    0: [["SADD", "big:set", "new"], ["SPOP", "big:set", 100], ["HSET", "big:hash", "f0", "new"],
        ["HDEL", "big:hash", "f1", "f2"], ["LPUSH", "big:list", "new"],
        ["LTRIM", "big:list", 5, -6], ["HPEXPIRE", "big:hash", 1, "FIELDS", 2, "f5", "f6"],
        ["HGET", "big:hash", "f5"], ["DEL", "big:set"], ["EXPIRE", "big:list", 1000],
        ["RENAME", "big:hash", "other"]],
    1: [["ZADD", "big:zset", 5, "new"], ["ZREMRANGEBYRANK", "big:zset", 10, 500],
        ["XADD", "big:stream", "*", "a", "b"], ["XTRIM", "big:stream", "MAXLEN", 100],
        ["XREADGROUP", "GROUP", "readers", "bob", "COUNT", 5, "STREAMS", "big:stream", ">"],
        ["UNLINK", "big:zset"], ["HSET", "big:hash", "f7", "new"]],
}
READS = {
    0: [["SCARD", "big:set"], ["SISMEMBER", "big:set", "m7"], ["HGET", "big:hash", "f100"],
        ["LRANGE", "big:list", 1000, 1010], ["LINDEX", "big:list", -7],
        ["SSCAN", "big:set", 0], ["HRANDFIELD", "big:hash", 3], ["DEBUG", "OBJECT", "small:1"],
        ["OBJECT", "ENCODING", "big:list"], ["DUMP", "small:2"]],
    1: [["ZRANGE", "big:zset", 5, 9], ["ZSCORE", "big:zset", "m5"], ["HGET", "big:hash", "f9"],
        ["XRANGE", "big:stream", "-", "+", "COUNT", 2], ["XINFO", "GROUPS", "big:stream"]],
}


def disturb(node: Node, seed: int, until) -> None:
    """Commands on the big values, few enough that the walk comes to be inside of most of them, and
    many on small keys of all databases."""
    rng = random.Random(seed)
    client = node.client()
    while not until.is_set():
        database = rng.randrange(4)
        client.call("SELECT", database)
        for _ in range(rng.randrange(1, 60)):
            k = rng.randrange(3000)
            client.call(*rng.choice([["SET", f"small:{k}", "new"], ["DEL", f"small:{k}"],
                                     ["APPEND", f"small:{k}", "x"], ["GET", f"small:{k}"]]))
        if database not in CHANGES:
            continue
        kind = CHANGES if rng.random() < 0.2 else READS
        try:
            client.call(*rng.choice(kind[database]))
        except ReplyError:
            pass  # what it names has gone already


def wait_saved(node: Node) -> None:
    wait_until(lambda: node.info("persistence")["rdb_bgsave_in_progress"] == "0", "the save ends",
               within_s=60)
    assert node.info("persistence")["rdb_last_bgsave_status"] == "ok"


def save_and_load_elsewhere(nodes: Nodes, node: Node, seed: int, meanwhile=None) -> None:
    """BGSAVE while others change everything: another node that loads the file must hold what was
    there at the cut."""
    other = nodes.banyan(**SETTINGS)
    client = node.client(timeout_s=60)
    at_cut = client.call("DEBUG", "DIGEST")
    over = threading.Event()
    others = [threading.Thread(target=disturb, args=(node, seed * 10 + n, over)) for n in range(3)]
    client.call("BGSAVE")
    for thread in others:
        thread.start()
    if meanwhile:
        meanwhile(client)
    wait_saved(node)
    over.set()
    for thread in others:
        thread.join()
    shutil.copy(node.folder / "dump.rdb", other.folder / "dump.rdb")
    with other.client(timeout_s=60) as loading:
        assert loading.call("DEBUG", "RELOAD", "NOSAVE") == "OK"
        assert loading.call("DEBUG", "DIGEST") == at_cut
    other.stop()


def test_the_file_holds_the_cut_though_big_values_change_while_they_are_written(nodes: Nodes):
    for threads in (1, 3):
        for seed in range(3):
            node = nodes.banyan(threads=threads, **SETTINGS)
            fill(node)
            save_and_load_elsewhere(nodes, node, seed)
            node.stop()


test_the_file_holds_the_cut_though_big_values_change_while_they_are_written.limit_s = 180


def test_databases_are_flushed_and_exchanged_while_big_values_are_written(nodes: Nodes):
    for seed in range(2):
        node = nodes.banyan(threads=2, **SETTINGS)
        fill(node)

        def flush(client):
            for _ in range(200 * seed):  # the walk comes further
                client.call("PING")
            client.call("SWAPDB", 0, 1)
            client.call("SELECT", 0)
            client.call("FLUSHDB", "ASYNC")
            client.call("SELECT", 1)
            client.call("FLUSHDB")

        save_and_load_elsewhere(nodes, node, seed, flush)
        node.stop()


test_databases_are_flushed_and_exchanged_while_big_values_are_written.limit_s = 120


def test_a_stalled_replica_holds_a_snapshot_inside_a_value(nodes: Nodes):
    settings = {"rdbcompression": "no", "threads": 2, **SETTINGS}
    primary, replica = nodes.banyan(**settings), nodes.banyan(**settings)
    client = primary.client(timeout_s=60)
    for first in range(0, ITEMS, AT_ONCE):
        client.call("SADD", "big:set", *(f"{k:0300}" for k in range(first, first + AT_ONCE)))
    client.call("SELECT", 1)  # what is changed there is never in one bucket with the set
    for ends_well in (True, False):
        link = nodes.cutter(primary)
        at_first = primary.memory_peak_bytes()
        link.stall("down")
        replica.call("REPLICAOF", "127.0.0.1", link.port)
        link.resume()
        wait_until(lambda: primary.info("replication")["connected_slaves"] == "1", "it is there")
        link.stall("down")
        for k in range(3000):
            client.call("SET", f"small:{k}", len(nodes.cutters))
        assert primary.memory_peak_bytes() < at_first + 20_000_000, "60 MB are not waiting"
        if ends_well:
            link.resume()
            replica.wait_link_up()
            nodes.wait_in_step(primary, replica)
            assert replica.call("DEBUG", "DIGEST") == primary.call("DEBUG", "DIGEST")
            replica.call("REPLICAOF", "NO", "ONE")
            replica.call("FLUSHALL")
        else:
            replica.kill()
            link.cut()
            wait_until(lambda: client.call("BGSAVE") == "Background saving started", "it is over")
            wait_saved(primary)
