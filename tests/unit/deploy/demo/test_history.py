"""What the invented visitors say: enough of them share something to be shown, and nobody is in it."""

from collections import Counter

from deploy.demo.history.visits import every_visit
from deploy.demo.shop.catalogue import load_shop
from deploy.local.layout import MERCHANTS
from libs.contracts.content import LANGUAGES, USUAL_K
from libs.privacy.masking import mask

ORDER = "ORDER_NUMBER"


def test_each_language_and_shop_has_enough_visitors_to_be_shown() -> None:
    visits = every_visit()
    languages = Counter(one.locale for one in visits if one.merchant_id == "fjellbekk")
    assert languages.keys() == set(LANGUAGES)
    assert min(languages.values()) > USUAL_K
    assert {one.merchant_id for one in visits} == set(MERCHANTS)
    assert 60 <= len(visits) <= 80
    assert all(visit.lines for visit in visits)


def test_nothing_personal_is_said_and_only_orders_that_the_shop_documents() -> None:
    for visit in every_visit():
        orders = load_shop(visit.merchant_id).fixed_orders
        for line in visit.lines:
            spans = mask(line, visit.locale).spans
            assert line in orders or not spans, line
