"""What a server holds, as text and as a digest that does not depend on the server or on order."""
import hashlib

from .resp import Client, info


def content(client: Client, with_expiry: bool = True) -> list[tuple]:
    """(database, key, type, value, expiry in unix ms) of every key, sorted."""
    rows = []
    databases = [int(name[2:]) for name in info(client, "keyspace") if name.startswith("db")]
    for database in databases:
        client.call("SELECT", database)
        for key in all_keys(client):
            row = (database, key, *value_of(client, key))
            rows.append((*row, client.call("PEXPIRETIME", key)) if with_expiry else row)
    client.call("SELECT", 0)
    return sorted(rows, key=repr)


def all_keys(client: Client) -> list[bytes]:
    keys, cursor = set(), b"0"
    while True:
        cursor, found = client.call("SCAN", cursor, "COUNT", 1000)
        keys.update(found)
        if cursor == b"0":
            return sorted(keys)


def value_of(client: Client, key: bytes) -> tuple:
    kind = client.call("TYPE", key)
    match kind:
        case "string":
            return kind, client.call("GET", key)
        case "list":
            return kind, client.call("LRANGE", key, 0, -1)
        case "set":
            return kind, sorted(client.call("SMEMBERS", key))
        case "hash":
            flat = client.call("HGETALL", key)
            return kind, sorted(zip(flat[::2], flat[1::2]))
        case "zset":
            flat = client.call("ZRANGE", key, 0, -1, "WITHSCORES")
            return kind, [(member, float(score)) for member, score in zip(flat[::2], flat[1::2])]
        case "stream":
            return kind, client.call("XRANGE", key, "-", "+"), groups_of(client, key)
    return kind, client.call("DUMP", key)


def groups_of(client: Client, key: bytes) -> list:
    """Name, pending entries and last delivered id of each consumer group."""
    groups = []
    for flat in client.call("XINFO", "GROUPS", key):
        group = dict(zip(flat[::2], flat[1::2]))
        groups.append((group[b"name"], group[b"pending"], group[b"last-delivered-id"]))
    return groups


def digest(client: Client, with_expiry: bool = True) -> str:
    return hashlib.sha256(repr(content(client, with_expiry)).encode()).hexdigest()


def first_difference(one: Client, other: Client, with_expiry: bool = True) -> str:
    """Empty when both hold the same, else the first rows that differ."""
    left, right = content(one, with_expiry), content(other, with_expiry)
    for row in left:
        if row not in right:
            return f"only the first holds {row!r}"[:2000]
    for row in right:
        if row not in left:
            return f"only the second holds {row!r}"[:2000]
    return ""
