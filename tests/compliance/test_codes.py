"""The SQL functions that look at codes and check digits: published examples, and every small mistake of a typist."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from compliance.codes import CodeSystem

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.django_db
# The example of CMS's requirements for the NPI, and two that are in its registry.
NPIS = ["1234567893", "1993999998", "1558598797"]
# SNOMED CT's own examples of Verhoeff's check digit (SCTID technical guide), and concepts in daily use.
SCTIDS = ["138875005", "22298006", "764146007", "900000000000207008", "10000006"]


def valid(function: str, values: Iterable[str]) -> set[str]:
    """Return those of the values that the function finds valid."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT v FROM unnest(%s::text[]) AS v WHERE {function}(v)", [list(values)])
        return {value for (value,) in cursor.fetchall()}


def answer(call: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {call}", values)
        return cursor.fetchone()[0]


def one_digit_wrong(number: str) -> set[str]:
    places = (place for place, character in enumerate(number) if character.isdigit())
    return {number[:place] + digit + number[place + 1 :] for place in places for digit in "0123456789"} - {number}


def neighbours_exchanged(number: str) -> dict[str, str]:
    """Return the numbers with two neighbouring digits exchanged, and what the two were."""
    pairs = ((place, number[place : place + 2]) for place in range(len(number) - 1))
    return {number[:at] + pair[::-1] + number[at + 2 :]: pair for at, pair in pairs if pair[0] != pair[1]}


def test_the_published_npis_are_valid() -> None:
    assert valid("npi_is_valid", NPIS) == set(NPIS)


@pytest.mark.parametrize("npi", NPIS)
def test_an_npi_with_one_digit_wrong_or_two_exchanged_is_not_valid_but_for_0_and_9(npi: str) -> None:
    exchanged = neighbours_exchanged(npi)

    assert valid("npi_is_valid", one_digit_wrong(npi)) == set()
    # Luhn's formula cannot tell 09 from 90; all other exchanges it can.
    blind = {number for number, pair in exchanged.items() if set(pair) == {"0", "9"}}
    assert valid("npi_is_valid", exchanged) == {number for number in blind if number[0] in "12"}


@pytest.mark.parametrize(
    "text",
    ["", "123456789", "12345678930", "3234567892", "0234567894", " 1234567893", "1234567893\n", "123456789\uff13"],
)
def test_what_is_no_ten_digits_from_1_or_2_is_no_npi(text: str) -> None:
    assert valid("npi_is_valid", [text]) == set()


def test_luhn_takes_the_standards_example_and_only_digits() -> None:
    assert valid("luhn_is_valid", ["79927398713", "0", "79927398710", "", "7992739871x", "-0"]) == {"79927398713", "0"}


@pytest.mark.parametrize("number", ["79927398713", "808401234567893"])
def test_luhn_finds_one_wrong_digit(number: str) -> None:
    assert valid("luhn_is_valid", one_digit_wrong(number)) == set()


@pytest.mark.parametrize("number", ["2363", *SCTIDS])
def test_verhoeff_finds_one_wrong_digit_and_two_exchanged(number: str) -> None:
    assert valid("verhoeff_is_valid", [number]) == {number}
    assert valid("verhoeff_is_valid", one_digit_wrong(number)) == set()
    assert valid("verhoeff_is_valid", neighbours_exchanged(number)) == set()


def test_verhoeff_takes_only_digits() -> None:
    assert valid("verhoeff_is_valid", ["", "236x", "2363\n", "\uff12\uff13\uff16\uff13"]) == set()


@pytest.mark.parametrize("dea", ["AB1234563", "F91234563", "MT1234563", "XX5836727"])
def test_a_dea_number_is_valid_until_one_digit_is_wrong(dea: str) -> None:
    assert valid("dea_is_valid", [dea]) == {dea}
    # A difference of five in a digit that counts twice is ten: the check digit cannot see it.
    wrong = {number for number in one_digit_wrong(dea) if not sees_nothing(dea, number)}
    assert valid("dea_is_valid", wrong) == set()


def sees_nothing(dea: str, wrong: str) -> bool:
    (place,) = [place for place in range(9) if dea[place] != wrong[place]]
    return (place in {3, 5, 7} and abs(int(dea[place]) - int(wrong[place])) == 5) or place == 1


@pytest.mark.parametrize("text", ["", "AB123456", "AB12345633", "ab1234563", "IB1234563", "AB1234563\n", "1B1234563"])
def test_what_has_not_the_form_is_no_dea_number(text: str) -> None:
    assert valid("dea_is_valid", [text]) == set()


CODES = {
    CodeSystem.ICD_10_CM: (
        ["J02.9", "E11", "S72.001A", "Z3A.39", "C7A.00", "U07.1"],
        ["j02.9", "J02.", "J2", "J02.90001", "102.9", "J02-9", "J02.9\n", " J02.9"],
    ),
    CodeSystem.LOINC: (
        ["2345-7", "718-7", "8480-6", "85354-9", "11506-3"],
        ["2345-8", "23457", "2345-", "-7", "12345678-9", "2345-77", "2345-7\n"],
    ),
    CodeSystem.SNOMED_CT: (
        SCTIDS,
        ["138875006", "12345", "0138875005", "9000000000002070081", "13887500x", "138875005\n"],
    ),
    CodeSystem.RXNORM: (["723", "1", "12345678"], ["0", "0723", "123456789", "723a", "723\n"]),
    CodeSystem.NDC: (["00093310901"], ["0093310901", "000933109011", "00093-3109-01", "0009331090a", "00093310901\n"]),
    CodeSystem.CVX: (["08", "207"], ["8", "2070", "2a", "08\n"]),
}


@pytest.mark.parametrize("system", CodeSystem)
def test_each_code_system_that_python_knows_has_the_form_of_its_codes(system: CodeSystem) -> None:
    taken, refused = CODES[system]

    assert [code for code in taken if not answer("code_is_valid(%s, %s)", system.value, code)] == []
    assert [code for code in [*refused, ""] if answer("code_is_valid(%s, %s)", system.value, code)] == []


@pytest.mark.parametrize("system", ["", "http://loinc.org/", "HTTP://LOINC.ORG", "http://example.org"])
def test_a_system_that_is_not_known_has_no_code(system: str) -> None:
    assert answer("code_is_valid(%s, '2345-7')", system) is False


@pytest.mark.parametrize(
    ("issued", "last"),
    [
        (date(2024, 8, 31), date(2025, 2, 28)),
        (date(2023, 8, 31), date(2024, 2, 29)),
        (date(2024, 8, 29), date(2025, 2, 28)),
        (date(2024, 2, 29), date(2024, 8, 29)),
        (date(2024, 3, 31), date(2024, 9, 30)),
        (date(2024, 12, 31), date(2025, 6, 30)),
        (date(2024, 1, 15), date(2024, 7, 15)),
    ],
)
@pytest.mark.parametrize("schedule", ["III", "IV"])
def test_six_months_end_on_the_same_day_or_the_last_of_its_month(schedule: str, issued: date, last: date) -> None:
    assert answer("within_six_months(%s, %s, %s)", schedule, issued, last) is True
    assert answer("within_six_months(%s, %s, %s::date + 1)", schedule, issued, last) is False


def test_other_schedules_and_none_have_no_six_months_but_iii_and_iv_need_a_last_day() -> None:
    far = "date '2024-01-01', date '2030-01-01'"
    assert [answer(f"within_six_months(%s, {far})", one) for one in ("II", "V", None)] == [True, True, True]
    assert [answer("within_six_months(%s, date '2024-01-01', NULL)", one) for one in ("III", "IV", None)] == [
        *(False, False, True)
    ]


def test_a_digest_has_32_bytes() -> None:
    assert [answer("is_sha256(%s)", bytes(length)) for length in (0, 31, 32, 33)] == [False, False, True, False]


@pytest.mark.parametrize(
    "call",
    [
        *("npi_is_valid(NULL)", "dea_is_valid(NULL)", "luhn_is_valid(NULL)", "verhoeff_is_valid(NULL)"),
        *("code_is_valid(NULL, '1')", "code_is_valid('http://loinc.org', NULL)", "is_sha256(NULL)"),
        *("appointment_may_become(NULL, 'booked')", "appointment_may_become('booked', NULL)"),
    ],
)
def test_what_is_not_known_is_neither_right_nor_wrong(call: str) -> None:
    assert answer(call) is None
