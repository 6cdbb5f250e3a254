"""The test library itself, tried on the reference server."""
from lib.cutter import Cutter
from lib.digest import content, digest, first_difference
from lib.nodes import Nodes
from lib.resp import Client, ReplyError
from lib.wait import wait_until


def test_values_come_as_python_values(nodes: Nodes):
    client = nodes.redis().client()
    assert client.call("SET", "a", "x\r\ny") == "OK"
    assert client.call("GET", "a") == b"x\r\ny"
    assert client.call("GET", "missing") is None
    assert client.call("INCR", "n") == 1
    assert client.pipeline([("INCR", "n"), ("INCR", "a")])[0] == 2
    try:
        client.call("INCR", "a")
        assert False, "an error reply was not raised"
    except ReplyError as error:
        assert str(error).startswith("ERR value is not an integer")


def test_resp3_maps_and_pushes(nodes: Nodes):
    node = nodes.redis()
    three = node.client(protocol=3)
    three.call("HSET", "h", "f", "v")
    assert three.call("HGETALL", "h") == [(b"f", b"v")]
    three.send("SUBSCRIBE", "news")
    assert three.read_push() == [b"subscribe", b"news", 1]
    assert node.call("PUBLISH", "news", "hello") == 1
    assert three.call("PING") == "PONG"
    assert three.read_push() == [b"message", b"news", b"hello"]


def test_replicas_follow_and_hold_the_same(nodes: Nodes):
    primary, replica = nodes.redis(repl_diskless_sync_delay=0), nodes.redis()
    with primary.client() as client:
        client.pipeline([("SET", f"k{i}", i) for i in range(100)])
        client.call("ZADD", "z", 1, "a", 2, "b")
        client.call("XADD", "s", "1-1", "f", "v")
        client.call("XGROUP", "CREATE", "s", "g", "0")
    replica.follow(primary)
    nodes.wait_in_step(primary, replica)
    one, other = primary.client(), replica.client()
    assert first_difference(one, other) == ""
    assert digest(one) == digest(other)
    assert len(content(one)) == 102
    primary.call("SET", "k1", "changed")
    replica.call("REPLICAOF", "NO", "ONE")
    replica.call("SET", "k1", "otherwise")
    assert "k1" in first_difference(one, other)


def test_a_cut_link_comes_back_with_a_partial_resync(nodes: Nodes):
    primary, replica = nodes.redis(repl_diskless_sync_delay=0), nodes.redis()
    link = nodes.cutter(primary)
    replica.follow(link)
    link.cut()
    primary.call("SET", "while", "cut")
    wait_until(lambda: replica.call("GET", "while") == b"cut", "the write arrives after the cut")
    assert primary.info("stats")["sync_partial_ok"] == "1"


def test_the_cutter_stalls_drops_refuses_and_counts(nodes: Nodes):
    node = nodes.redis()
    cutter = nodes.cutter(node)
    client = Client(cutter.port, timeout_s=5)
    assert client.call("PING") == "PONG"
    cutter.stall("up")
    client.send("PING")
    assert not client.has_data(within_s=0.1)
    cutter.resume()
    assert client.answer() == "PONG"
    cutter.drop("down")
    client.send("SET", "dropped", "reply")
    wait_until(lambda: node.call("GET", "dropped") == b"reply", "the command arrives")
    assert not client.has_data(within_s=0.1)
    cutter.refuse()
    assert client.is_closed_by_peer()
    assert Client(cutter.port).is_closed_by_peer()
    cutter.resume()
    node.call("SET", "long", "x" * 1000)
    again = Client(cutter.port)
    cutter.cut_after(100)
    again.send("GET", "long")
    assert again.is_closed_by_peer()
    assert isinstance(cutter, Cutter) and cutter.accepted == 3


def test_nodes_stop_restart_and_die(nodes: Nodes):
    node = nodes.redis(save="3600 1")
    node.call("SET", "kept", "yes")
    assert node.stop() == 0
    assert node.start().call("GET", "kept") == b"yes"
    node.kill()
    assert not node.is_running()
