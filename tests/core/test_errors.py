import pytest

from misora.core import errors


@pytest.mark.parametrize("name", ["UsageError", "MediaError", "WeightsError", "OutputError"])
def test_what_a_person_got_wrong_is_a_value_error_with_exit_code_two(name: str) -> None:
    error = getattr(errors, name)("what to do")
    assert isinstance(error, ValueError)
    assert isinstance(error, errors.MisoraError)
    assert error.exit_code == 2


def test_numbers_that_failed_are_nobodys_mistake() -> None:
    assert errors.NumericsError("NaN").exit_code == 1
    assert not isinstance(errors.NumericsError("NaN"), ValueError)
