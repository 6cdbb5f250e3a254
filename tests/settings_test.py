"""Settings that change how a process behaves, looked at from outside."""
import time
from pathlib import Path

from lib.nodes import Node, Nodes
from lib.resp import ReplyError
from lib.wait import wait_until


def title(node: Node) -> list[str]:
    """The words that `ps` shows."""
    return Path(f"/proc/{node.pid}/cmdline").read_text().rstrip("\0").replace("\0", " ").split()


def oom_score(node: Node) -> int:
    return int(Path(f"/proc/{node.pid}/oom_score_adj").read_text())


def test_a_slow_save_lets_the_node_answer_and_end_at_once(nodes: Nodes):
    node = nodes.banyan(rdb_key_save_delay=1_000_000, enable_debug_command="yes")
    client = node.client()
    client.call("DEBUG", "POPULATE", 1000)
    client.call("BGSAVE")
    for _ in range(20):
        asked = time.monotonic()
        assert client.call("PING") == "PONG"
        assert time.monotonic() - asked < 0.5, "the worker does not wait with the save"
    assert node.info("persistence")["rdb_bgsave_in_progress"] == "1"
    asked = time.monotonic()
    try:
        client.call("SHUTDOWN", "NOSAVE")
    except (ConnectionError, EOFError, OSError):
        pass
    assert node.process.wait(5) == 0
    assert time.monotonic() - asked < 5
    assert not list(node.folder.glob("*.rdb")), "nor does it leave a file behind"


def test_a_slow_save_is_whole_and_takes_no_longer_than_it_is_told(nodes: Nodes):
    node = nodes.banyan(rdb_key_save_delay=100, enable_debug_command="yes")
    node.call("DEBUG", "POPULATE", 5000)
    began = time.monotonic()
    node.call("BGSAVE")
    wait_until(lambda: node.info("persistence")["rdb_bgsave_in_progress"] == "0", "it is saved")
    assert time.monotonic() - began > 0.45
    assert node.info("persistence")["rdb_last_bgsave_status"] == "ok"
    node.call("CONFIG", "SET", "rdb-key-save-delay", 0)
    node.restart()
    assert node.call("DBSIZE") == 5000


def test_a_slow_load_lets_the_node_answer(nodes: Nodes):
    node = nodes.banyan(enable_debug_command="yes")
    node.call("DEBUG", "POPULATE", 1000)
    node.call("SAVE")
    node.stop()
    node.launch("--key-load-delay", "1000000")
    wait_until(lambda: node.info("persistence")["loading"] == "1", "it loads")
    client = node.client()
    try:
        client.call("GET", "key:1")
        raise AssertionError("it has loaded already")
    except ReplyError as error:
        assert str(error).startswith("LOADING"), error
    client.call("CONFIG", "SET", "key-load-delay", 0)
    wait_until(lambda: node.info("persistence")["loading"] == "0", "it has loaded")
    assert client.call("DBSIZE") == 1000


def test_the_title_of_the_process_is_the_templates(nodes: Nodes):
    node = nodes.banyan()
    assert title(node) == [node.program, f"*:{node.port}"]
    node.call("CONFIG", "SET", "proc-title-template", "mine {port} {config-file} {server-mode}")
    assert title(node) == ["mine", str(node.port), "-"]
    node.call("CONFIG", "SET", "proc-title-template", "x")
    assert title(node) == ["x"]
    longer = "y" * 300
    node.call("CONFIG", "SET", "proc-title-template", longer)
    shown = title(node)
    assert len(shown) == 1 and longer.startswith(shown[0]) and len(shown[0]) > 100, shown
    plain = nodes.banyan(set_proc_title="no")
    assert "--set-proc-title" in title(plain)


def test_the_score_for_the_killer_follows_setting_and_role(nodes: Nodes):
    node = nodes.banyan()
    own = oom_score(node)
    node.call("CONFIG", "SET", "oom-score-adj-values", "10 20 30", "oom-score-adj", "yes")
    assert oom_score(node) == min(own + 10, 1000)
    node.call("REPLICAOF", "127.0.0.1", 1)
    assert oom_score(node) == min(own + 20, 1000)
    node.call("REPLICAOF", "NO", "ONE")
    node.call("CONFIG", "SET", "oom-score-adj", "absolute", "oom-score-adj-values", "900 950 990")
    assert oom_score(node) == 900
    node.call("CONFIG", "SET", "oom-score-adj", "no")
    assert oom_score(node) == own
