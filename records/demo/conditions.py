"""What people come for: codes with the ages that they fit, and the words, results and medications that go with them.

Codes are ICD-10-CM's for conditions, LOINC's for measurements, SNOMED CT's for images and procedures.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Laboratory:
    """A test: its result lies between `low` and `high` in those who have the condition."""

    loinc: str
    display: str
    name: str
    unit: str
    low: float
    high: float


@dataclass(frozen=True)
class Condition:
    """A reason to come. `weight` says how usual it is among the reasons that fit somebody."""

    code: str
    display: str
    ages: tuple[int, int]
    complaint: str
    finding: str
    plan: str
    weight: int = 10
    sex: str = "FM"
    chronic: bool = False
    medications: tuple[str, ...] = ()
    laboratory: Laboratory | None = None
    # Code and display.
    image: tuple[str, str] | None = None
    procedure: tuple[str, str] | None = None
    vaccines: tuple[tuple[str, str], ...] = ()
    # HL7 sensitivity codes; Part 2 follows from SUD.
    sensitivity: str = ""
    # Seen by the psychologist from time to time.
    therapy: bool = False
    # Can lead to a stay in hospital.
    stay: bool = False

    def fits(self, age: int, sex: str) -> bool:
        """Say whether somebody of that age and sex comes for it."""
        return self.ages[0] <= age <= self.ages[1] and sex in self.sex


A1C = Laboratory("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "hemoglobin A1c", "%", 6.6, 8.9)
LDL = Laboratory(
    "13457-7", "Cholesterol in LDL in Serum or Plasma by calculation", "LDL cholesterol", "mg/dL", 131, 189
)
TSH = Laboratory("3016-3", "Thyrotropin in Serum or Plasma", "TSH", "mIU/L", 4.6, 9.8)
HEMOGLOBIN = Laboratory("718-7", "Hemoglobin in Blood", "hemoglobin", "g/dL", 12.1, 15.9)
TESTOSTERONE = Laboratory("2986-8", "Testosterone in Serum or Plasma", "testosterone", "ng/dL", 140, 260)

_CHILD_VACCINES = (
    ("20", "DTaP"),
    ("10", "IPV"),
    ("03", "MMR"),
    ("21", "varicella"),
    ("08", "Hep B, adolescent or pediatric"),
)
_ADULT_VACCINES = (("140", "Influenza, seasonal, injectable, preservative free"), ("113", "Td (adult)"))

CONDITIONS = (
    Condition(
        "Z00.129", "Encounter for routine child health examination without abnormal findings", (0, 17),
        "here for a well-child visit", "grows along the percentiles", "vaccines as due, next in a year",
        weight=30, vaccines=_CHILD_VACCINES,
    ),
    Condition(
        "J06.9", "Acute upper respiratory infection, unspecified", (0, 90),
        "runny nose and cough for three days", "red throat, clear lungs", "fluids and rest, return if worse", 12,
    ),
    Condition(
        "H66.90", "Otitis media, unspecified, unspecified ear", (1, 10),
        "ear pain and fever since last night", "bulging, red eardrum", "antibiotic for ten days", 12,
        medications=("amoxicillin suspension",),
    ),
    Condition(
        "J02.0", "Streptococcal pharyngitis", (12, 45),
        "sore throat without cough", "exudate on the tonsils, rapid test positive", "antibiotic for a week", 8,
        medications=("amoxicillin",),
    ),
    Condition(
        "L20.9", "Atopic dermatitis, unspecified", (1, 16),
        "itching in the bends of the elbows", "dry, red patches", "emollients, a steroid cream for two weeks",
        chronic=True, medications=("hydrocortisone",),
    ),
    Condition(
        "J45.20", "Mild intermittent asthma, uncomplicated", (5, 60),
        "wheezing after exercise", "end-expiratory wheeze", "inhaler as needed, action plan given", 8,
        chronic=True, medications=("albuterol",),
        procedure=("23426006", "Measurement of respiratory function"),
    ),
    Condition(
        "F90.2", "Attention-deficit hyperactivity disorder, combined type", (7, 17),
        "cannot sit through a lesson", "restless, otherwise well", "stimulant in the morning, again in a month", 6,
        chronic=True, medications=("methylphenidate",), sensitivity="PSY",
    ),
    Condition(
        "S93.401A", "Sprain of unspecified ligament of right ankle, initial encounter", (8, 60),
        "twisted the right ankle", "swollen, bears weight", "ice, a brace, no fracture seen", 6,
        image=("19490002", "Plain X-ray of ankle"), procedure=("274474001", "Bone immobilization"),
    ),
    Condition(
        "Z00.00", "Encounter for general adult medical examination without abnormal findings", (18, 100),
        "here for the yearly examination", "no findings", "vaccines as due, next in a year", 14,
        laboratory=HEMOGLOBIN, vaccines=_ADULT_VACCINES,
    ),
    Condition(
        "N39.0", "Urinary tract infection, site not specified", (18, 90),
        "burning when passing water", "nitrite positive, no fever", "antibiotic for five days", 8, "F",
        medications=("nitrofurantoin",),
    ),
    Condition(
        "I10", "Essential (primary) hypertension", (35, 100),
        "readings at home above 150", "blood pressure raised on both arms", "continue the tablet, less salt", 30,
        chronic=True, medications=("lisinopril", "amlodipine"),
        procedure=("29303009", "Electrocardiographic procedure"),
    ),
    Condition(
        "E11.9", "Type 2 diabetes mellitus without complications", (40, 100),
        "thirsty, tired", "feet intact, sensation normal", "diet, tablets, hemoglobin A1c in three months", 20,
        chronic=True, medications=("metformin",), laboratory=A1C,
    ),
    Condition(
        "E78.5", "Hyperlipidemia, unspecified", (40, 100),
        "no complaint", "no xanthomas", "statin in the evening, lipids in six months", 20,
        chronic=True, medications=("atorvastatin",), laboratory=LDL,
    ),
    Condition(
        "E03.9", "Hypothyroidism, unspecified", (25, 90),
        "tired and cold", "dry skin, slow reflexes", "hormone before breakfast, TSH in eight weeks", 6,
        chronic=True, medications=("levothyroxine",), laboratory=TSH,
    ),
    Condition(
        "K21.9", "Gastro-esophageal reflux disease without esophagitis", (25, 90),
        "heartburn after meals", "soft abdomen", "smaller meals, acid blocker for a month", 10,
        medications=("omeprazole",),
    ),
    Condition(
        "M54.50", "Low back pain, unspecified", (20, 85),
        "pain across the low back after lifting", "no deficit in the legs", "stay active, pain relief as needed", 10,
        medications=("ibuprofen",),
    ),
    Condition(
        "F33.1", "Major depressive disorder, recurrent, moderate", (18, 80),
        "low mood and poor sleep for a month", "no thoughts of self-harm", "tablets, and the psychologist", 10,
        chronic=True, medications=("sertraline",), sensitivity="PSY", therapy=True,
    ),
    Condition(
        "F41.0", "Panic disorder [episodic paroxysmal anxiety]", (20, 65),
        "sudden fear with a racing heart", "normal examination", "breathing exercises, a few tablets", 4,
        medications=("alprazolam",), sensitivity="PSY", therapy=True,
    ),
    Condition(
        "G47.00", "Insomnia, unspecified", (25, 85),
        "lies awake for hours", "no findings", "sleep hygiene, tablets for two weeks at most", 5,
        medications=("zolpidem",),
    ),
    Condition(
        "G62.9", "Polyneuropathy, unspecified", (50, 95),
        "burning feet at night", "vibration sense reduced at the toes", "capsules twice a day, look for a cause", 5,
        chronic=True, medications=("pregabalin",),
    ),
    Condition(
        "E29.1", "Testicular hypofunction", (40, 75),
        "no drive, tired", "testosterone low on two mornings", "gel every morning, blood count later", 3, "M",
        chronic=True, medications=("testosterone",), laboratory=TESTOSTERONE,
    ),
    Condition(
        "F11.20", "Opioid dependence, uncomplicated", (20, 65),
        "wants to stay off opioids", "no withdrawal", "continue treatment and counseling", 3,
        chronic=True, medications=("buprenorphine",), sensitivity="SUD", therapy=True,
    ),
    Condition(
        "F10.20", "Alcohol dependence, uncomplicated", (22, 70),
        "wants to stop drinking", "no tremor", "tablets and weekly counseling", 4,
        chronic=True, medications=("naltrexone",), sensitivity="SUD", therapy=True,
    ),
    Condition(
        "S52.501A", "Unspecified fracture of the lower end of right radius, initial encounter for closed fracture",
        (18, 90), "fell on the outstretched hand", "deformed, pulses present", "splint, surgeon tomorrow", 2,
        medications=("oxycodone",), image=("60027007", "Plain X-ray of wrist"),
    ),
    Condition(
        "R07.9", "Chest pain, unspecified", (35, 90),
        "tightness in the chest since the morning", "no changes in the electrocardiogram", "kept for observation", 3,
        image=("399208008", "Plain chest X-ray"), procedure=("29303009", "Electrocardiographic procedure"), stay=True,
    ),
)  # fmt: skip
