"""Keys of a node as installed: made by commands, used by HTTP, changed while it serves; their last use is kept."""

from pathlib import Path
from typing import Any

import httpx

from tests.support.node import NUMBER, SECOND, Node


def asked(node: Node, key: str, path: str, method: str = "GET", **keywords: Any) -> httpx.Response:
    return node.api.request(method, path, headers={"Authorization": f"Bearer {key}"}, **keywords)


def test_keys_hold_at_once_and_their_last_use_outlives_the_node(tmp_path: Path) -> None:
    node = Node(tmp_path, only="api")
    operator = node.renvoi("key", "add", "--operator")["key"]
    try:
        node.start()
        body = {"scopes": ["numbers:read", "keys:write"], "numbers": [NUMBER]}
        limited, unused = (asked(node, node.key, "/v2/keys", "POST", json=body).json() for _ in range(2))
        key, path = limited["secret"], f"/v2/keys/{limited['id']}"
        assert [each["number"] for each in asked(node, key, "/v2/numbers").json()["data"]] == [NUMBER]
        assert asked(node, key, f"/v2/numbers/{SECOND}").json()["code"] == "number_unknown"
        assert node.api.get("/v1/vn/callforward", params={"apiKey": key, "number": SECOND}).json()["code"] == 13
        assert len(asked(node, operator, "/v2/numbers").json()["data"]) == 2
        # A command changes it under the node's hands, from the next request on.
        node.renvoi("key", "set", limited["id"], "--number", SECOND)
        assert asked(node, key, f"/v2/numbers/{SECOND}").status_code == 200
        assert asked(node, key, f"/v2/numbers/{NUMBER}").status_code == 404
        rotated = asked(node, key, f"{path}/rotate", "POST", json={"keep_s": 0}).json()["secret"]
        assert asked(node, key, "/v2/numbers").status_code == 401
        assert asked(node, rotated, "/v2/numbers").status_code == 200
        node.renvoi("key", "revoke", rotated)
        assert asked(node, rotated, "/v2/numbers").status_code == 401
    finally:
        node.stop()
    used = {f"key_{row['id']}": row["last_used_at"] for row in node.renvoi("key", "list")}
    assert used[limited["id"]] is not None
    assert used[unused["id"]] is None
    stored = b"".join(path.read_bytes() for path in node.data.glob("renvoi.db*"))
    log = node.log.read_text()
    for secret in (key, rotated, operator):
        assert secret[-43:].encode() not in stored
        assert secret[-43:] not in log
