"""What a counting session can be started for."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.models.catalog import Category
from tests.factories import make_product
from tests.web.office import writing
from tests.web.staff_room import bearer, hire

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_categories_and_shelves_say_how_many_products_a_count_would_have(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "supervisor")
    with writing(app) as session:
        tea, empty = Category(name="Tea"), Category(name="Empty")
        session.add_all([tea, empty])
        session.flush()
        make_product(session, category_id=tea.id, shelf="B2")
        make_product(session, category_id=tea.id, shelf="A1")
        make_product(session, shelf="A1")
        make_product(session, category_id=tea.id, shelf="A1", is_archived=True)
        make_product(session, category_id=empty.id, shelf="C3", is_stocked=False)
        tea_id = tea.id

    answer = client.get("/api/stocktakes/areas", headers=bearer(client, names["supervisor"])).get_json()

    assert [one for one in answer["categories"] if one["name"] in ("Tea", "Empty")] == [
        {"id": tea_id, "name": "Tea", "products": 2},
    ]
    assert answer["shelves"] == [{"shelf": "A1", "products": 2}, {"shelf": "B2", "products": 1}]
