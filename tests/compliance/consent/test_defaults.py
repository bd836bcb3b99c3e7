"""rules.toml: what is wrong with it is said with its place, and is found before it is obeyed."""

from __future__ import annotations

import pytest

from compliance.consent import checks, defaults
from compliance.consent.defaults import RulesError, parse

RULE = """
[[rules]]
purpose = "TREAT"
label = "*"
decision = "permit"
in_emergency = "permit"
citation = "45 CFR 164.506"
reason = "Treatment needs no authorization."
"""
MINORS = """
[[minors]]
labels = ["HIV"]
from_age = 12
citation = "state law"
"""
WHOLE = "majority = 18\n" + RULE + MINORS


def test_what_is_right_is_read() -> None:
    known = parse(WHOLE)

    assert known.majority == 18
    assert [(one.purpose, one.label, one.decision, one.unless_author) for one in known.rules] == [
        ("TREAT", "*", "permit", False)
    ]
    assert [(one.labels, one.from_age) for one in known.minors] == [(("HIV",), 12)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("majority = ", "not TOML: "),
        (RULE, "at the top: majority is an age in whole years."),
        (WHOLE.replace("18", "-1"), "at the top: majority is an age in whole years."),
        (WHOLE.replace("18", "true"), "at the top: majority is an age in whole years."),
        (WHOLE.replace("18", "18.5"), "at the top: majority is an age in whole years."),
        ("minority = 1\n" + WHOLE, "at the top: minority is not known; there are majority, minors, rules."),
        ("majority = 18\nrules = 3", "at the top: rules are tables: write [[rules]] before each."),
        ('majority = 18\nminors = ["HIV"]', "at the top: minors are tables: write [[minors]] before each."),
        (WHOLE.replace('"TREAT"', '"FUN"'), "rule 1: purpose is one of *, COVERAGE, "),
        (WHOLE.replace('"TREAT"', '["TREAT"]'), "rule 1: purpose is one of *, COVERAGE, "),
        (WHOLE.replace('label = "*"', 'label = "SHY"'), "rule 1: label is one of *, 42CFRPart2, "),
        (WHOLE.replace('decision = "permit"', 'decision = "maybe"'), "rule 1: decision is one of deny, permit, not "),
        (WHOLE.replace('in_emergency = "permit"', "in_emergency = true"), "rule 1: in_emergency is one of deny, "),
        (WHOLE.replace('label = "*"\n', ""), "rule 1: says nothing of label."),
        (WHOLE.replace("label =", "lable ="), "rule 1: lable is not known; there are "),
        (WHOLE.replace('reason = "', 'unless_author = "yes"\nreason = "'), "rule 1: unless_author is true or false."),
        (WHOLE.replace("Treatment needs no authorization.", " "), "rule 1: reason is a text of at most 300 "),
        (WHOLE.replace("45 CFR 164.506", "4" * 201), "rule 1: citation is a text of at most 200 characters."),
        (WHOLE + RULE, "rule 2: there is one for TREAT and * already."),
        (WHOLE.replace('["HIV"]', '["SHY"]'), "minors 1: label is one of "),
        (WHOLE.replace('["HIV"]', '"HIV"'), "minors 1: labels is a list of labels."),
        (WHOLE.replace('["HIV"]', "[]"), "minors 1: labels is a list of labels."),
        (WHOLE.replace("from_age = 12", 'from_age = "12"'), "minors 1: from_age is an age in whole years."),
        (WHOLE.replace("from_age = 12\n", ""), "minors 1: says nothing of from_age."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(RulesError) as refused:
        parse(text)

    assert str(refused.value).startswith(f"rules.toml: {sentence}")


def test_a_minor_decides_alone_about_what_is_named_from_its_age_on_and_an_adult_about_all() -> None:
    known = parse(WHOLE)

    assert [known.decides_alone("HIV", age) is not None for age in (11, 12, 17, 18)] == [False, True, True, False]
    assert known.decides_alone("SUD", 17) is None


def test_rules_that_cannot_be_read_are_an_error_of_the_checks_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert checks.consent_rules() == []
    file = tmp_path_factory.mktemp("rules") / "rules.toml"
    file.write_text(WHOLE.replace('"TREAT"', '"FUN"'), encoding="utf-8")
    monkeypatch.setattr(defaults, "FILE", file)
    defaults.defaults.cache_clear()
    try:
        (found,) = checks.consent_rules()
        file.unlink()
        (missing,) = checks.consent_rules()
    finally:
        defaults.defaults.cache_clear()

    assert (found.id, missing.id) == ("compliance.E034", "compliance.E034")
    assert found.msg.startswith("rules.toml: rule 1: purpose is one of ")
    assert "manage.py migrate" in str(found.hint)
