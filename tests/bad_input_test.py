"""What a node does with settings, files, clients and disks that are no good, and how it ends."""
import os
import random
import shutil
import signal
import subprocess
import time

from lib.fake import fake_replica
from lib.nodes import Node, Nodes, Skip
from lib.resp import Client, ReplyError
from lib.wait import wait_until

MB = 1 << 20
SAVES = {"save": "3600 1", "enable_debug_command": "yes"}


def error_of(node: Node, *command) -> str:
    try:
        return f"no error but {node.call(*command)!r}"
    except ReplyError as error:
        return str(error)


def stopped(nodes: Nodes, **settings) -> Node:
    node = nodes.banyan(**settings)
    node.stop()
    return node


# --- Starts that cannot succeed.


def test_a_wrong_line_of_the_configuration_is_named(nodes: Nodes):
    node = stopped(nodes)
    path = node.folder / "redis.conf"
    for line in ("no-such-setting 1", "maxclients many", 'requirepass "open', "save 1"):
        path.write_text(f"# a comment\n\ntimeout 0\n{line}\ndatabases 4\n")
        done = subprocess.run([node.program, path, "--port", str(node.port)], text=True, timeout=20,
                              capture_output=True)
        assert done.returncode == 1
        for part in ("line 4", str(path), line):
            assert part in done.stderr, (part, done.stderr)
    done = subprocess.run([node.program, node.folder / "none.conf"], text=True, timeout=20,
                          capture_output=True)
    assert done.returncode == 1 and "none.conf" in done.stderr, done.stderr


def test_a_port_in_use_is_named(nodes: Nodes):
    first, second = nodes.banyan(), stopped(nodes)
    second.port = first.port
    lines = second.start_in_vain()
    assert str(first.port) in lines[0] and "in use" in lines[0] and len(lines) == 2, lines
    assert first.call("PING") == "PONG"


def test_a_directory_that_is_not_there_is_named(nodes: Nodes):
    node = stopped(nodes)
    lines = node.start_in_vain("--dir", str(node.folder / "nowhere"))
    assert len(lines) == 1 and "nowhere" in lines[0] and "No such file" in lines[0], lines


def test_a_directory_without_permission(nodes: Nodes):
    """None to enter: no start. None to write: it serves, and says that it cannot save."""
    if os.getuid() != 0:
        raise Skip("only root can be somebody else")
    node = stopped(nodes)
    nodes.folder.chmod(0o755)
    program = shutil.copy(node.program, nodes.folder / "server")
    closed, read_only = nodes.folder / "closed", nodes.folder / "read_only"
    closed.mkdir(mode=0o700)
    read_only.mkdir(mode=0o755)
    words = [program, "--port", str(node.port), "--save", "3600", "1", "--dir"]
    done = subprocess.run([*words, closed], user=65534, group=65534, text=True, timeout=20,
                          capture_output=True)
    assert done.returncode == 1 and "Permission denied" in done.stdout + done.stderr, done
    with open(node.log_path, "a") as log:
        node.process = subprocess.Popen([*words, read_only], user=65534, group=65534, stdout=log)
    wait_until(lambda: node.call("SET", "k", "v") == "OK", "it serves")
    assert error_of(node, "SAVE").startswith("ERR")
    assert "Permission denied" in node.log()
    assert error_of(node, "SET", "k", "w").startswith("MISCONF")
    assert error_of(node, "SHUTDOWN") == "ERR Errors trying to SHUTDOWN. Check logs."
    node.call("CONFIG", "SET", "stop-writes-on-bgsave-error", "no")
    assert node.call("SET", "k", "w") == "OK"
    node.kill()


def good_file(nodes: Nodes) -> bytes:
    node = nodes.banyan()
    node.client().pipeline([("SET", f"key{i}", f"value {i} " * (i % 7)) for i in range(200)])
    node.call("SELECT", 0)
    node.call("SET", "expires", "x", "PX", 10_000_000)
    node.call("SAVE")
    data = (node.folder / "dump.rdb").read_bytes()
    node.stop()
    return data


def test_a_damaged_file_is_refused_and_left_alone(nodes: Nodes):
    data = good_file(nodes)
    node = stopped(nodes, **SAVES)
    path = node.folder / "dump.rdb"
    rng = random.Random(7)
    damaged = [data[:size] for size in (0, 5, 9, 20, len(data) // 2, len(data) - 8, len(data) - 1)]
    for _ in range(12):
        flipped = bytearray(data)
        flipped[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        damaged.append(bytes(flipped))
    for each in damaged:
        path.write_bytes(each)
        lines = node.start_in_vain()
        assert len(lines) == 1 and str(path) in lines[0], (len(each), lines)
        assert path.read_bytes() == each
    path.write_bytes(data)
    node.start()
    assert node.call("DBSIZE") == 201


# --- Clients.


def send_until_closed(client: Client, piece: bytes, total: int) -> int:
    """How many bytes went out before the server closed the connection."""
    sent = 0
    client.socket.settimeout(20)
    try:
        while sent < total:
            client.socket.sendall(piece)
            sent += len(piece)
    except OSError:
        return sent
    raise AssertionError(f"{total} bytes were taken")


def test_a_line_without_an_end_costs_no_memory(nodes: Nodes):
    node = nodes.banyan()
    node.call("PING")
    before = node.memory_peak_bytes()
    for piece in (b"x", b"*1\r\n$", b"*1"):
        client = node.client()
        client.send_raw(piece)
        assert send_until_closed(client, b"1" * MB, 1024 * MB) < 64 * MB
    assert node.memory_peak_bytes() < before + 16 * MB
    assert node.call("PING") == "PONG"


def test_lengths_that_are_claimed_cost_no_memory(nodes: Nodes):
    node = nodes.banyan()
    before = node.memory_peak_bytes()
    claims = [b"*1048576\r\n", b"*2\r\n$3\r\nGET\r\n$536870912\r\n", b"*1\r\n$500000000\r\nxyz"]
    clients = [node.client() for _ in range(60)]
    for number, client in enumerate(clients):
        client.send_raw(claims[number % len(claims)])
    assert node.call("PING") == "PONG"
    assert node.memory_peak_bytes() < before + 32 * MB
    for wrong in (b"*1048577\r\n", b"*1\r\n$536870913\r\n", b"*1\r\n$-2\r\n", b"*x\r\n"):
        client = node.client()
        client.send_raw(wrong)
        assert client.read().value.startswith("ERR Protocol error")
        assert client.is_closed_by_peer()


def test_strangers_may_claim_little(nodes: Nodes):
    node = nodes.banyan(requirepass="secret")
    before = node.memory_peak_bytes()
    for claim, error in ((b"*1000000\r\n", "unauthenticated multibulk length"),
                         (b"*1\r\n$1000000\r\n", "unauthenticated bulk length")):
        for _ in range(20):
            client = node.client()
            client.send_raw(claim)
            assert client.read().value == f"ERR Protocol error: {error}"
            assert client.is_closed_by_peer()
    never_reads = node.client()
    sent = send_until_closed(never_reads, b"PING\r\n" * 10000, 1024 * MB)
    assert sent < 64 * MB and node.memory_peak_bytes() < before + 16 * MB
    client = node.client()
    assert client.call("AUTH", "secret") == "OK" and client.call("PING") == "PONG"


def test_a_query_buffer_has_a_limit(nodes: Nodes):
    node = nodes.banyan(client_query_buffer_limit="2mb")
    client = node.client()
    client.send_raw(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000000\r\n")
    assert send_until_closed(client, b"v" * MB, 100 * MB) < 32 * MB
    assert node.call("EXISTS", "k") == 0
    assert "query buffer limit" in node.log()


def test_browsers_are_turned_away(nodes: Nodes):
    node = nodes.banyan()
    requests = [b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nSET k v\r\n",
                b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nSET k v\r\n"]
    for request in requests:
        client = node.client()
        client.send_raw(request)
        assert client.is_closed_by_peer()
    assert node.call("EXISTS", "k") == 0
    wait_until(lambda: node.log().count("Possible SECURITY ATTACK") == 2, "both are reported")


# --- The ends of a node.


def test_signals_save_where_saving_is_on(nodes: Nodes):
    node = nodes.banyan(**SAVES)
    for number, end in enumerate((signal.SIGTERM, signal.SIGINT)):
        node.call("SET", f"k{number}", "v")
        node.process.send_signal(end)
        assert node.process.wait(20) == 0
        node.start()
        assert node.call("DBSIZE") == number + 1
    other = nodes.banyan()
    other.call("SET", "k", "v")
    assert other.stop() == 0
    assert not (other.folder / "dump.rdb").exists()


def end_by(node: Node, *words) -> int:
    """SHUTDOWN: the connection closes without a reply."""
    client = node.client()
    client.send("SHUTDOWN", *words)
    assert client.socket.recv(100) == b""
    return node.process.wait(20)


def test_shutdown_saves_as_told(nodes: Nodes):
    node = nodes.banyan(**SAVES)
    node.call("SET", "first", 1)
    assert end_by(node) == 0
    node.start().call("SET", "second", 2)
    assert end_by(node, "NOSAVE") == 0
    assert node.start().call("KEYS", "*") == [b"first"]
    node.call("CONFIG", "SET", "save", "")
    node.call("SET", "third", 3)
    assert end_by(node, "SAVE", "NOW") == 0
    assert node.start().call("DBSIZE") == 2
    for words in (("SAVE", "NOSAVE"), ("SOON",), ("ABORT", "NOW")):
        assert error_of(node, "SHUTDOWN", *words) == "ERR syntax error"
    assert error_of(node, "SHUTDOWN", "ABORT") == "ERR No shutdown in progress."


def test_shutdown_waits_for_replicas_and_can_be_aborted(nodes: Nodes):
    primary, replica = nodes.banyan(repl_diskless_sync_delay=0), nodes.banyan()
    replica.follow(primary)
    replica.pause()
    primary.call("SET", "k", "v")
    client = primary.client(timeout_s=20)
    client.send("SHUTDOWN")
    wait_until(lambda: "Waiting for replicas" in primary.log(), "it waits")
    writer = primary.client(timeout_s=20)
    writer.send("SET", "k", "late")
    assert not writer.has_data(within_s=0.2), "no new writes meanwhile"
    assert primary.call("SHUTDOWN", "ABORT") == "OK"
    assert str(client.read_reply().plain()) == "ERR Errors trying to SHUTDOWN. Check logs."
    assert writer.answer() == "OK"
    client.send("SHUTDOWN")
    wait_until(lambda: primary.log().count("Waiting for replicas") == 2, "it waits again")
    replica.resume()
    assert primary.process.wait(20) == 0
    assert replica.call("GET", "k") == b"late", "nothing was lost"
    primary.start()
    replica.wait_link_up()
    replica.pause()
    primary.call("SET", "k", "lost")
    assert end_by(primary, "NOW") == 0
    assert "0 of 1 replicas are in sync when shutting down" in primary.log()


def test_a_node_that_cannot_save_does_not_end_unless_forced(nodes: Nodes):
    data = nodes.folder / "data"
    data.mkdir()
    node = nodes.banyan(dir=str(data), **SAVES)
    node.call("SET", "k", "v")
    data.rmdir()
    assert error_of(node, "SHUTDOWN") == "ERR Errors trying to SHUTDOWN. Check logs."
    node.process.terminate()
    wait_until(lambda: node.log().count("can't exit") == 2, "the signal is refused, too")
    assert node.call("GET", "k") == b"v"
    assert end_by(node, "FORCE") == 0


def populate(node: Node, keys: int) -> None:
    node.client(timeout_s=60).call("DEBUG", "POPULATE", keys, "key", 100)


def test_a_full_sync_under_way_does_not_keep_a_node_from_its_end(nodes: Nodes):
    """The replica reads nothing; the data is saved all the same."""
    node = nodes.banyan(repl_diskless_sync_delay=0, shutdown_timeout=1, **SAVES)
    populate(node, 200_000)
    stuck = fake_replica(node.port)
    wait_until(lambda: "wait_bgsave" in node.info("replication").get("slave0", ""), "it syncs")
    node.process.terminate()
    assert node.process.wait(20) == 0
    stuck.close()
    assert node.start().call("DBSIZE") == 200_000


def test_a_save_under_way_does_not_keep_a_node_from_its_end(nodes: Nodes):
    node = nodes.banyan(**SAVES)
    populate(node, 300_000)
    node.call("BGSAVE")
    node.call("SET", "after", "the cut")
    assert end_by(node) == 0
    assert node.start().call("GET", "after") == b"the cut"
    assert [each.name for each in node.folder.glob("temp*")] == []


def test_a_node_killed_while_it_saves_leaves_the_old_file(nodes: Nodes):
    node = nodes.banyan(**SAVES)
    node.call("SET", "old", "data")
    node.call("SAVE")
    old = (node.folder / "dump.rdb").read_bytes()
    populate(node, 1_000_000)
    node.call("BGSAVE")
    wait_until(lambda: list(node.folder.glob("temp-*.rdb")), "it writes")
    node.kill()
    assert list(node.folder.glob("temp-*.rdb")), "it was over too soon"
    assert (node.folder / "dump.rdb").read_bytes() == old
    node.start()
    assert node.call("KEYS", "*") == [b"old"]


def test_flushed_data_does_not_come_back(nodes: Nodes):
    """Not even when a save was under way, and the node is killed soon after."""
    node = nodes.banyan(**SAVES)
    populate(node, 300_000)
    node.call("SAVE")
    node.call("BGSAVE")
    node.call("FLUSHALL")
    wait_until(lambda: (node.folder / "dump.rdb").stat().st_size < 1000, "the empty data is saved")
    node.kill()
    assert node.start().call("DBSIZE") == 0


def test_a_full_disk(nodes: Nodes):
    """The old file stays, writes are refused with the reason; all is well when there is room."""
    disk = nodes.folder / "disk"
    disk.mkdir()
    if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk],
                                          capture_output=True).returncode != 0:
        raise Skip("a small disk cannot be mounted here")
    try:
        check_full_disk(nodes, disk)
    finally:
        for node in nodes.nodes:
            node.kill()
        subprocess.run(["umount", disk], check=True)


def check_full_disk(nodes: Nodes, disk) -> None:
    node = nodes.banyan(dir=str(disk), rdbcompression="no", **SAVES)
    node.call("SET", "small", "x")
    node.call("SAVE")
    old = (disk / "dump.rdb").read_bytes()
    node.call("SET", "big", random.Random(1).randbytes(4 * MB))
    assert node.call("BGSAVE") == "Background saving started"
    wait_until(lambda: node.info("persistence")["rdb_last_bgsave_status"] == "err", "it fails")
    assert "No space left on device" in node.log()
    assert [each.name for each in disk.iterdir()] == ["dump.rdb"]
    assert (disk / "dump.rdb").read_bytes() == old
    assert error_of(node, "SET", "k", "v").startswith("MISCONF")
    assert error_of(node, "SAVE").startswith("ERR")
    assert len(node.call("GET", "big")) == 4 * MB
    subprocess.run(["mount", "-o", "remount,size=20m", disk], check=True)
    node.call("BGSAVE")
    wait_until(lambda: node.info("persistence")["rdb_last_bgsave_status"] == "ok", "it succeeds")
    assert node.call("SET", "k", "v") == "OK"
    assert (disk / "dump.rdb").stat().st_size > 4 * MB


def test_replicas_are_synced_though_the_disk_is_bad(nodes: Nodes):
    """A full sync by file fails and is tried again later; one through sockets needs no disk."""
    data = nodes.folder / "data"
    data.mkdir()
    node = nodes.banyan(dir=str(data), repl_diskless_sync="no", repl_diskless_sync_delay=0)
    node.call("SET", "k", "v")
    data.rmdir()
    replica = nodes.banyan()
    replica.call("REPLICAOF", "127.0.0.1", node.port)
    started = time.monotonic()
    wait_until(lambda: node.log().count("Failed opening the temp RDB file") >= 2, "two tries", 20)
    assert time.monotonic() - started > 0.9, "no busy loop"
    node.call("CONFIG", "SET", "repl-diskless-sync", "yes")
    replica.wait_link_up()
    assert replica.call("GET", "k") == b"v"
