"""Replicas of each kind follow random commands of all types, over a link that is cut again and
again, and end with the same data."""
import random

from differential import FAMILIES, common_commands
from interop_test import assert_alike, ours, theirs
from lib.digest import all_keys
from lib.generate import Generator
from lib.nodes import Node, Nodes

COMMANDS = 20_000
BATCH = 100
COMPARED_EVERY = 2_000
# Both kinds take them; what they do to a replica of the other kind is another matter:
LEFT_OUT = {"debug", "restore", "object freq"}  # payloads may be newer than the replica


def follow_random_commands(nodes: Nodes, primary: Node, replica: Node, seed: int) -> None:
    link = nodes.cutter(primary)
    replica.follow(link)
    table = common_commands(ours(nodes).client(), theirs(nodes).client(), FAMILIES)
    commands = [command for command in table if command.name not in LEFT_OUT]
    generator = Generator(commands, seed)
    cuts = random.Random(seed)
    client = primary.client()
    types = set()
    for count in range(BATCH, COMMANDS + BATCH, BATCH):
        client.pipeline([tuple(generator.command()[1]) for _ in range(BATCH)])
        if count % COMPARED_EVERY == 0:
            assert_alike(nodes, primary, replica)
            types |= {client.call("TYPE", key) for key in all_keys(client)}
        match cuts.randrange(12):
            case 0:
                link.cut()
            case 1:
                link.cut_after(1 + cuts.randrange(3000))
    assert types >= {"string", "list", "hash", "set", "zset", "stream"}, types
    assert link.accepted > 5, "the link was cut"


def test_redis_follows_our_random_commands(nodes: Nodes):
    follow_random_commands(nodes, ours(nodes), theirs(nodes), 1)


def test_we_follow_our_random_commands(nodes: Nodes):
    follow_random_commands(nodes, ours(nodes), ours(nodes), 2)


def test_we_follow_random_commands_of_redis(nodes: Nodes):
    follow_random_commands(nodes, theirs(nodes), ours(nodes), 3)


for test in (test_redis_follows_our_random_commands, test_we_follow_our_random_commands,
             test_we_follow_random_commands_of_redis):
    test.limit_s = 120
