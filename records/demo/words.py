"""Names and addresses that nobody has: given names are Faker's, family names and towns are made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faker.providers.person.en_US import Provider as Names

if TYPE_CHECKING:
    from records.demo.plan import Dice

GIVEN = {"F": tuple(Names.first_names_female), "M": tuple(Names.first_names_male)}
# 40 x 50 family names, such as Quillfeather and Marshthistle.
_BEGINNINGS = (
    "Amber", "Apple", "Ash", "Bramble", "Brass", "Bright", "Butter", "Candle", "Clover", "Copper", "Cotton",
    "Dapple", "Dew", "Ember", "Fable", "Feather", "Fern", "Frost", "Ginger", "Hazel", "Honey", "Juniper", "Lantern",
    "Larch", "Marsh", "Meadow", "Mist", "Moon", "Moss", "Pebble", "Plum", "Quill", "Raven", "Sorrel", "Thimble",
    "Thistle", "Tumble", "Velvet", "Whistle", "Willow",
)  # fmt: skip
_ENDINGS = (
    "acre", "barrow", "beck", "bell", "berry", "bloom", "bonnet", "bottom", "bough", "bramble", "brook", "burrow",
    "button", "cap", "cobble", "crumb", "down", "drake", "fable", "feather", "finch", "flask", "fold", "gate",
    "glade", "hollow", "kettle", "latch", "leaf", "lock", "mantle", "mere", "needle", "nook", "pocket", "quill",
    "reed", "ridge", "root", "shade", "spindle", "spoon", "sprocket", "stitch", "thorn", "thistle", "twig", "wick",
    "wimple", "worthy",
)  # fmt: skip
STREETS = ("Sample Street", "Placeholder Avenue", "Example Lane", "Specimen Road", "Mockup Court", "Fiction Drive")
# The Postal Service has given out no ZIP code below 00501.
TOWN, STATE, ZIPS = "Demoville", "NY", 500


def family_name(dice: Dice) -> str:
    """Make up a family name."""
    return f"{_BEGINNINGS[dice.below(len(_BEGINNINGS))]}{_ENDINGS[dice.below(len(_ENDINGS))]}"


def given_name(dice: Dice, sex: str) -> str:
    """Pick a given name that is usual for F or M."""
    names = GIVEN[sex]
    return names[dice.below(len(names))]


def telephone(dice: Dice) -> str:
    """Make a number that rings nowhere: 555-0100 to 555-0199 are kept for fiction in every area."""
    # The form of an area code: 2 to 9, not 9, and here never the 11 of service codes.
    return f"{2 + dice.below(8)}{dice.below(9)}{2 + dice.below(8)}-555-01{dice.digits(2)}"


def address(dice: Dice) -> dict[str, str]:
    """Make the address of a house that does not stand."""
    return {
        "address_line": f"{1 + dice.below(9999)} {STREETS[dice.below(len(STREETS))]}",
        "city": TOWN,
        "state": STATE,
        "postal_code": f"{1 + dice.below(ZIPS):05d}",
    }


def email(dice: Dice, given: str, family: str) -> str:
    """Make an address in the domain that RFC 2606 keeps for examples."""
    return f"{given}.{family}{dice.digits(4)}@example.org".lower()
