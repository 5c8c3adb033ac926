"""The table of what papers report: one source a row, nothing twice."""

import re

import pytest

from course.catalogue import outlines
from course.models import vgg
from course.models.vgg import VARIANTS
from course.published import number, numbers, quantities, table

pytestmark = pytest.mark.any_backend


def test_each_number_has_a_unit_and_a_source_with_its_year():
    for row in table():
        assert row.network
        assert row.unit
        assert re.search(r" (19|20)\d\d(, |$)", row.source), row


def test_a_network_has_one_number_a_quantity():
    keys = [(row.network, row.quantity) for row in table()]
    assert len(set(keys)) == len(keys)


def test_a_quantity_has_one_unit():
    for quantity in quantities():
        assert len({row.unit for row in numbers(quantity).values()}) == 1


def test_what_can_be_counted_agrees_with_table_2():
    for letter in VARIANTS:
        with outlines():
            count = vgg(letter).count_params()
        reported = number(f"VGG {letter}", "parameters")
        assert round(count / 1e6) == reported


def test_five_guesses_fail_less_often_than_one():
    for quantity in quantities():
        if quantity.startswith("top-1 error"):
            others = numbers(quantity.replace("top-1", "top-5"))
            assert list(others) == list(numbers(quantity))
            for network, row in numbers(quantity).items():
                assert others[network].value < row.value


def test_more_test_scales_never_hurt_a_vgg():
    for scale in ("256", "384", "256 to 512"):
        for top in ("top-1", "top-5"):
            one = numbers(f"{top} error trained at {scale}")
            scales = f"of three test scales trained at {scale}"
            for network, row in numbers(f"{top} error {scales}").items():
                assert row.value <= one[network].value


def test_what_is_not_reported_is_said():
    with pytest.raises(ValueError, match="top-5 test error"):
        numbers("top-3 test error")
    with pytest.raises(ValueError, match="VGG E"):
        number("VGG F", "parameters")
