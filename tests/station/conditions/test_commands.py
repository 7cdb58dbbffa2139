"""The commands of conditions, as a dispatcher types them."""

import json

import pytest

from station.__main__ import main


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["init", ".", "--name", "Depot"]) == 0
    assert main(["enroll", "van-1"]) == 0
    (tmp_path / "speeds.csv").write_text("1,2,30\n")
    (tmp_path / "bad.csv").write_text("1,2,30\n1,x,30\n")
    return tmp_path


def run(capfd, *arguments):
    capfd.readouterr()
    code = main(["conditions", *arguments])
    told = capfd.readouterr()
    return code, told.out, told.err


def test_import_show_and_clear(folder, capfd):
    code, out, _ = run(capfd, "import", "speeds.csv", "--expires-in", "2h")
    assert code == 0
    assert "traffic:speeds" in out
    assert "1 segments" in out
    code, out, _ = run(capfd, "show", "--json")
    (layer,) = json.loads(out)["layers"]
    assert (layer["name"], layer["vehicles"][0]["state"]) == ("traffic:speeds", "waiting")
    code, out, _ = run(capfd, "clear", "traffic:speeds")
    assert code == 0
    assert "cleared" in out
    code, out, _ = run(capfd, "import", "speeds.csv", "--name", "jam", "--json")
    assert json.loads(out)["name"] == "jam"
    assert "2 layers" in run(capfd, "show")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("import", "bad.csv"), "bad.csv: line 2: to 'x': write the number of an OSM node"),
        (("import", "none.csv"), "none.csv: No such file"),
        (("import", "speeds.csv", "--name", "Big Jam"), "choose another --name"),
        (("clear", "jam"), "there is no layer 'jam'; there are: none"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_changed(folder, capfd, arguments, said):
    code, _, err = run(capfd, *arguments)
    assert code == 1
    assert said in err
    assert "0 layers" in run(capfd, "show")[1]


@pytest.mark.parametrize(
    "arguments",
    [("import", "speeds.csv", "--expires-in", "soon"), ("import", "speeds.csv", "--kind", "x")],
)
def test_a_wrong_option_is_wrong_usage(folder, arguments):
    with pytest.raises(SystemExit) as raised:
        main(["conditions", *arguments])
    assert raised.value.code == 2
