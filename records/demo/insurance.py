"""Who pays: children and some spouses by the insurance of the one who holds it, the old by two, some by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from patients.models import InsuranceInfo
from records.demo.people import SENIOR, YEAR

if TYPE_CHECKING:
    from records.demo.people import Person
    from records.demo.plan import Dice, Plan
    from records.demo.tables import Row, Tables

# Name, identifier for claims, plans.
PAYERS = (
    ("Imaginary Mutual", "DEMO1", ("Imaginary Gold", "Imaginary Silver")),
    ("Pretend Health Plan", "DEMO2", ("Pretend PPO", "Pretend HMO")),
    ("Fable Assurance", "DEMO3", ("Fable Basic", "Fable Plus")),
)
OLD_AGE = ("Demo Old-Age Insurance", "DEMO4", ("Part A and B",))
SUPPLEMENT = ("Supplement Society of Demoville", "DEMO5", ("Supplement G",))
SELF_PAY = 0.07
# In any year, the share of people who had another payer before.
CHANGED = 0.2


def insure(plan: Plan, tables: Tables, dice: Dice, person: Person) -> None:
    """Write how one person's care is paid. The one who holds a household's insurance comes before the others."""
    last_day = person.died.date() if person.died else None
    start = max(person.born, plan.as_of - YEAR * 2 - timedelta(days=dice.below(700)))
    facts: Row = {"patient_id": person.key, "period_start": start, "period_end": last_day}
    if person.age(plan.as_of) >= SENIOR:
        tables.add(InsuranceInfo, dice, **facts, **_policy(dice, OLD_AGE))
        if dice.chance(0.6):
            tables.add(InsuranceInfo, dice, **facts, **_policy(dice, SUPPLEMENT), coverage_order=2)
    elif person.holder is None or (not person.is_minor(plan.as_of) and dice.chance(0.4)):
        _own(plan, tables, dice, person, facts)
    else:
        _dependent(plan, tables, dice, person, facts)


def _own(plan: Plan, tables: Tables, dice: Dice, person: Person, facts: Row) -> None:
    if dice.chance(SELF_PAY):
        tables.add(InsuranceInfo, dice, **facts, kind="self-pay")
        return
    if dice.chance(CHANGED):
        changed = dice.day(facts["period_start"] + timedelta(days=1), plan.as_of)
        before = facts | {"period_end": changed - timedelta(days=1)}
        tables.add(InsuranceInfo, dice, **before, **_policy(dice, PAYERS[0]))
        facts = facts | {"period_start": changed}
    payer = PAYERS[dice.below(len(PAYERS))]
    person.policy = tables.add(InsuranceInfo, dice, **facts, **_policy(dice, payer))


def _dependent(plan: Plan, tables: Tables, dice: Dice, person: Person, facts: Row) -> None:
    holder = person.holder
    if holder is None or holder.policy is None:
        tables.add(InsuranceInfo, dice, **facts, kind="self-pay")
        return
    policy = holder.policy
    shared = ("payer_name", "payer_id", "plan_name", "group_number", "rx_bin", "rx_pcn", "rx_group", "copay", "network")
    facts["period_start"] = max(person.born, policy["period_start"])
    tables.add(
        InsuranceInfo,
        dice,
        **facts,
        **{name: policy[name] for name in shared},
        member_id=f"{policy['member_id']}-{1 + dice.below(9)}",
        relationship="child" if person.is_minor(plan.as_of) else "spouse",
        subscriber_id=policy["member_id"],
        subscriber_name=holder.name,
        subscriber_birth_date=holder.born,
    )


def _policy(dice: Dice, payer: tuple[str, str, tuple[str, ...]]) -> Row:
    name, identifier, plans = payer
    return {
        "payer_name": name,
        "payer_id": identifier,
        "plan_name": plans[dice.below(len(plans))],
        "member_id": f"DM{dice.digits(9)}",
        "group_number": f"GRP{dice.digits(4)}",
        # 000000 is no bank's number.
        "rx_bin": "000000",
        "rx_pcn": "DEMO",
        "rx_group": "DEMORX",
        "copay": f"{5 * (2 + dice.below(7))}.00",
        "network": f"{name} network",
    }
