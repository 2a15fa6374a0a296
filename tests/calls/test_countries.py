import pytest

from core.calls.countries import country_of, is_foreign


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+573165550188", "CO"),
        ("+576015550100", "CO"),
        ("+5355512345", "CU"),
        ("+14155550100", "US"),
        ("+16135550123", "CA"),
        ("+18765550123", "JM"),
        ("+18095550123", "DO"),
        ("+17875550123", "PR"),
        ("+15550100002", "US"),
        ("+16130000000", "CA"),
        ("+18760000000", "JM"),
        ("+447700900123", "GB"),
        ("+77010000000", "KZ"),
        ("+79010000000", "RU"),
        ("+881612345678", "001"),
        ("+88213300655", "001"),
        ("+999123456", None),
        ("+57 (316) 555-0188", "CO"),
        ("sip:+573165550188@example.com", "CO"),
        ("+573165550188@10.0.0.1", "CO"),
        ("+5731655xxxxx", "CO"),
        ("+5731655****", "CO"),
        ("+xxxxxxxxxxx", None),
        ("+", None),
        ("4021", None),
        ("1234567", None),
        ("anonymous", None),
        ("", None),
        ("9" * 500, None),
        ("+" + "9" * 500, None),
    ],
)
def test_the_country_is_in_the_number(number: str, country: str | None) -> None:
    assert country_of(number) == country


def test_a_national_number_is_of_the_country_it_is_dialled_from() -> None:
    assert country_of("3165550188", "CO") == "CO"
    assert country_of("3165550188") is None
    assert country_of("0115355512345", "US") == "CU"
    assert country_of("4021", "CO") is None


def test_the_islands_are_abroad_and_the_domestic_zone_is_not() -> None:
    assert is_foreign("JM", "US")
    assert is_foreign("CO", "CR")
    assert not is_foreign("CA", "US")
    assert not is_foreign("US", "PR")
    assert not is_foreign("CO", "CO")
