"""`/v2/admin/node`: what operators see of the node."""

from renvoi.http.deps import Measurement, PartState
from tests.support.v2_api import OPERATOR_KEY, V2Api


def test_the_node_tells_its_state() -> None:
    async def parts() -> dict[str, PartState]:
        return {"edge": PartState("degraded", "is slow", 2), "api": PartState("ok")}

    async def measurements() -> list[Measurement]:
        return [Measurement("renvoi_calls", "", 3, labels={"way": "in"})]

    api = V2Api(parts=parts, measurements=measurements, refusal=lambda: "the disk is full")
    api.add_key(OPERATOR_KEY, "operator")
    api.write(lambda writer: writer.count("messages", 4))
    found = api.get("/v2/admin/node", key=OPERATOR_KEY).json()
    assert found["parts"][1] == {"name": "edge", "state": "degraded", "detail": "is slow", "restarts": 2}
    assert (found["ready"], found["store_refuses"]) == (False, "the disk is full")
    assert found["measurements"] == [{"name": "renvoi_calls", "labels": {"way": "in"}, "value": 3.0}]
    assert found["counts"]["messages"] == 4
    assert (found["mails"], found["removals_under_way"]) == ({"waiting": 0, "oldest_at": None}, 0)
