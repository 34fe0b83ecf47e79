from flask.testing import FlaskClient

from service.health import Health
from service.lending import Lender
from tests.conftest import World
from tests.memory_store import MemoryStore


def test_the_process_is_alive(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}


def test_ready_says_what_it_checked(client: FlaskClient) -> None:
    assert client.get("/readyz").get_json() == {"ready": True, "checks": {"database": "ok"}}


def test_a_database_that_is_down_makes_it_unready(world: World, client: FlaskClient) -> None:
    world.store.down = {"ping"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["database"]) == (503, "down")


def test_cold_models_make_it_unready_until_they_are_warm() -> None:
    lender = Lender("stt", object)
    health = Health(store=MemoryStore(), lenders=(lender,))
    assert health.report().checks["stt"] == "cold"
    health.warm().join(10)
    assert health.report().ready
