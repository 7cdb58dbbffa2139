import json

import pytest

from sim.__main__ import main


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["doorstep-sim", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code


def small(tmp_path, **day):
    path = tmp_path / "small.toml"
    limits = "".join(f"{key} = {value}\n" for key, value in day.items())
    path.write_text(
        f'name = "small"\n[day]\n{limits}[fleet]\nvehicles = 1\n'
        "[orders]\nstops = 3\nwindow_frac = 0.0\n"
    )
    return str(path)


def test_a_day_is_one_line_of_json(monkeypatch, capsys, tmp_path):
    assert run(monkeypatch, "run", small(tmp_path), "--json") == 0
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert out.count("\n") == 1
    assert result["balanced"]
    assert result["speed_factor"] > 1
    assert len(result["log_sha256"]) == 64
    assert "orders.xlsx" in err


def test_a_day_whose_books_do_not_balance_ends_with_1(monkeypatch, capsys, tmp_path):
    assert run(monkeypatch, "run", small(tmp_path, limit_h=0.3), "--json") == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["balanced"] is False
    assert "not over after 0.3 h" in err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("compare", "one_van", "--seeds", "3:3"), 78, "no seed from 3"),
        (("compare", "one_van", "--jobs", "0"), 78, "--jobs"),
        (("run", "one_van", "--roads", "a.roads"), 78, "has no [city]"),
        (("run", "porto_day", "--roads", "none.roads"), 78, "roads import"),
        (("run", "nosuch"), 78, "no scenario 'nosuch'"),
        (("run", "one_van", "--stops", "none.csv"), 78, "none.csv"),
        (("run", "one_van", "--amazon", "none.json.gz"), 78, "none.json.gz"),
        (("demo", "--vans", "0"), 78, "at least one van"),
        (("run", "--help"), 0, ""),
        (("fly",), 2, "invalid choice"),
    ],
)
def test_what_cannot_begin_is_answered(monkeypatch, capsys, arguments, code, said):
    assert run(monkeypatch, *arguments) == code
    assert said in capsys.readouterr().err


def test_the_help_lists_the_scenarios(monkeypatch, capsys):
    assert run(monkeypatch, "run", "--help") == 0
    assert "dead_zones" in capsys.readouterr().out
