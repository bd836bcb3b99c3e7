"""The medications of the demo clinic. Codes are RxNorm's for the ingredient; none of this is advice."""

from __future__ import annotations

from typing import NamedTuple


class Medication(NamedTuple):
    """A medication as it is prescribed: `days` is what the quantity lasts, `schedule` the DEA's if it is controlled."""

    rxcui: str
    name: str
    strength: str
    form: str
    sig: str
    quantity: int
    unit: str
    days: int
    refills: int = 0
    schedule: str | None = None
    route: str = "oral"


MEDICATIONS = {
    "amoxicillin suspension": Medication(
        "723", "Amoxicillin", "400 mg/5 mL", "suspension", "Take 5 mL twice a day for 10 days", 100, "mL", 10,
    ),
    "amoxicillin": Medication(
        "723", "Amoxicillin", "500 mg", "capsule", "Take 1 capsule three times a day for 7 days", 21, "capsule",
        7,
    ),
    "nitrofurantoin": Medication(
        "7454", "Nitrofurantoin", "100 mg", "capsule", "Take 1 capsule twice a day for 5 days", 10, "capsule", 5,
    ),
    "albuterol": Medication(
        "435", "Albuterol", "90 mcg/actuation", "inhaler", "Inhale 2 puffs every 6 hours as needed", 1, "inhaler",
        50, 3, route="inhalation",
    ),
    "hydrocortisone": Medication(
        "5492", "Hydrocortisone", "1 %", "cream", "Apply thinly twice a day for 2 weeks", 30, "g", 14, 1,
        route="topical",
    ),
    "lisinopril": Medication("29046", "Lisinopril", "10 mg", "tablet", "Take 1 tablet a day", 90, "tablet", 90, 3),
    "amlodipine": Medication("17767", "Amlodipine", "5 mg", "tablet", "Take 1 tablet a day", 90, "tablet", 90, 3),
    "metformin": Medication(
        "6809", "Metformin", "500 mg", "tablet", "Take 1 tablet twice a day with meals", 180, "tablet", 90, 3,
    ),
    "atorvastatin": Medication(
        "83367", "Atorvastatin", "20 mg", "tablet", "Take 1 tablet in the evening", 90, "tablet", 90, 3,
    ),
    "levothyroxine": Medication(
        "10582", "Levothyroxine", "50 mcg", "tablet", "Take 1 tablet a day before breakfast", 90, "tablet", 90, 3,
    ),
    "omeprazole": Medication(
        "7646", "Omeprazole", "20 mg", "capsule", "Take 1 capsule a day before breakfast", 30, "capsule", 30, 2,
    ),
    "sertraline": Medication("36437", "Sertraline", "50 mg", "tablet", "Take 1 tablet a day", 30, "tablet", 30, 5),
    "ibuprofen": Medication(
        "5640", "Ibuprofen", "400 mg", "tablet", "Take 1 tablet every 8 hours with food as needed", 30, "tablet",
        10,
    ),
    "naltrexone": Medication("7243", "Naltrexone", "50 mg", "tablet", "Take 1 tablet a day", 30, "tablet", 30, 2),
    "methylphenidate": Medication(
        "6901", "Methylphenidate", "18 mg", "extended-release tablet", "Take 1 tablet every morning", 30,
        "tablet", 30, 0, "II",
    ),
    "oxycodone": Medication(
        "7804", "Oxycodone", "5 mg", "tablet", "Take 1 tablet every 6 hours as needed for pain, 3 days at most",
        12, "tablet", 3, 0, "II",
    ),
    "testosterone": Medication(
        "10379", "Testosterone", "1.62 %", "gel", "Apply 2 pumps to the shoulders every morning", 75, "g", 30, 5,
        "III", route="topical",
    ),
    "buprenorphine": Medication(
        "1819", "Buprenorphine", "8 mg", "sublingual tablet", "Let 1 tablet dissolve under the tongue each day",
        30, "tablet", 30, 5, "III", route="sublingual",
    ),
    "zolpidem": Medication(
        "39993", "Zolpidem", "5 mg", "tablet", "Take 1 tablet at bedtime as needed", 15, "tablet", 15, 1, "IV",
    ),
    "alprazolam": Medication(
        "596", "Alprazolam", "0.25 mg", "tablet", "Take 1 tablet as needed, twice a day at most", 20, "tablet",
        10, 0, "IV",
    ),
    "pregabalin": Medication(
        "187832", "Pregabalin", "75 mg", "capsule", "Take 1 capsule twice a day", 60, "capsule", 30, 5, "V",
    ),
}  # fmt: skip
