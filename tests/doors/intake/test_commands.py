"""The same from a script: one command takes in a list, another says what came from where."""

import json
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from homeward.casework.people.queries import visible
from homeward.doors.intake.models import IntakeBatch
from homeward.foundation.audit.models import Event
from homeward.foundation.kernel.errors import Missing

ROOT = Path(__file__).resolve().parents[3]
TRUTH = ROOT / "tests" / "data" / "truth.json"
MEMBER = "dprrp-coordinator"


@pytest.fixture(autouse=True)
def _within_the_test(monkeypatch, acting, members):
    """The commands sign in by themselves and save at once; here they act inside the transaction of the test."""

    @contextmanager
    def operating_as(name):
        if name not in members:
            raise Missing
        with transaction.atomic(), acting(members[name]) as member:
            yield member

    for command in ("intake", "linked", "review"):
        monkeypatch.setattr(f"homeward.doors.intake.management.commands.{command}.operating_as", operating_as)


@pytest.fixture
def run(tokens, db_of_test, tmp_path):
    """Runs the command on an example or on some text; gives the exit code and what was printed."""

    def command(name, sender, *options, content=None):
        path = ROOT / "examples" / name
        if content is not None:
            path = tmp_path / name
            path.write_text(content, encoding="utf-8")
        out, code = StringIO(), 0
        try:
            call_command("intake", str(path), "--sender", sender, "--as", MEMBER, *options, stdout=out)
        except SystemExit as ended:
            code = int(ended.code or 0)
        return code, out.getvalue()

    return command


def linked():
    """What came from where."""
    out = StringIO()
    call_command("linked", "--as", MEMBER, "--json", stdout=out)
    return json.loads(out.getvalue())["people"]


def test_a_trial_says_what_would_happen_and_changes_nothing(run, acting, ana):
    code, out = run("iom-reception-2021-07-17.xlsx", "iom-reception", "--dry-run", "--json")
    result = json.loads(out)
    assert code == 0
    assert (result["rows"], result["created"], result["waiting_for_review"], result["refused"]) == (
        11,
        11,
        0,
        [],
    )
    assert result["batch"] is None
    with acting(ana):
        assert not IntakeBatch.objects.exists()
        assert not visible(to=ana).exists()
        assert Event.objects.filter(verb="intake.tried").count() == 1


def test_a_list_is_taken_in_and_the_second_time_known(run, acting, ana):
    code, out = run("iom-reception-2021-07-17.xlsx", "iom-reception", "--json")
    first = json.loads(out)
    assert (code, first["state"], first["created"], first["matched"]) == (0, "imported", 11, 0)
    again = json.loads(run("iom-reception-2021-07-17.xlsx", "iom-reception", "--json")[1])
    assert (again["created"], again["matched"], again["unchanged"], again["updated"]) == (0, 11, 11, 0)
    links = linked()
    assert len(links) == 11
    assert sorted(row["row"] for one in links for row in one["rows"]) == list(range(1, 12))
    assert all(set(one) == {"person", "rows"} and one["person"].startswith("HW-") for one in links)


def test_the_four_lists_that_ship_give_every_person_of_the_truth_once(run):
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))["rows"]
    for name, sender in (
        ("iom-reception-2019-04-20.xlsx", "iom-reception"),
        ("iom-reception-2021-07-17.xlsx", "iom-reception"),
        ("dprrp-individual-returns.csv", "dprrp-individual"),
        ("dprrp-expected-returns.csv", "dprrp-expected"),
    ):
        assert run(name, sender, "--json")[0] == 0
    people = [{truth[row["file"]][str(row["row"])] for row in one["rows"]} for one in linked()]
    assert len(people) == 336
    assert all(len(one) == 1 for one in people)
    assert len(set().union(*people)) == 336


def test_a_faulty_list_is_refused_with_every_cell(run, acting, ana):
    content = "nr,mbiemri,emri,gjinia,data_e_lindjes,data_e_kthimit\n1,Gashi,Ali,X,1990,2017-08-23\n"
    code, out = run("faulty.csv", "dprrp-individual", "--json", content=content)
    result = json.loads(out)
    assert (code, result["state"], result["created"]) == (1, "refused", 0)
    assert result["refused"] == [
        {
            "sheet": "",
            "cell": "D2",
            "row": 1,
            "value": "X",
            "why": "This is neither female nor male.",
            "code": "not_a_sex",
        }
    ]
    code, out = run("faulty.csv", "dprrp-individual", content=content)
    assert "refused !D2 'X'" in out


def test_an_empty_file_is_refused(run):
    code, out = run("empty.csv", "dprrp-individual", "--json", content="")
    assert (code, json.loads(out)["refused"][0]["code"]) == (1, "empty_file")


def test_rows_that_wait_are_named_by_number_and_reason(run):
    row = "Gashi,Ali,M,1990,2017-08-23"
    head = "nr,mbiemri,emri,gjinia,data_e_lindjes,data_e_kthimit"
    code, out = run("twice.csv", "dprrp-individual", "--json", content=f"{head}\n1,{row}\n2,{row}\n")
    result = json.loads(out)
    assert (code, result["created"], result["waiting_for_review"]) == (0, 1, 1)
    assert result["review"] == [{"row": 2, "why": ["twice"], "candidates": ["row:1"]}]
    assert (
        "waiting for review: 1"
        in run("third.csv", "dprrp-individual", content=f"{head}\n1,{row}\n2,{row}\n")[1]
    )


def review(*arguments):
    """The exit code and what the command printed."""
    out, code = StringIO(), 0
    try:
        call_command("review", *arguments, "--as", MEMBER, "--json", stdout=out)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, json.loads(out.getvalue())


def answers(folder, *rows, head="file,row,answer"):
    path = folder / "answers.csv"
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return str(path)


def test_rows_are_decided_by_a_table_of_answers(run, tmp_path):
    """A record that could be about two namesakes waits with both references; the answer links it, and it waits no more."""
    head = "nr,mbiemri,emri,gjinia,data_e_lindjes,data_e_kthimit"
    run(
        "home.csv",
        "dprrp-individual",
        content=f"{head}\n1,Gashi,Ali,M,1990-02-12,2017-08-23\n2,Gashi,Ali,M,1990-07-30,2017-08-23\n",
    )
    support = "no,full_name,birth_year,kind,from,to,amount_eur"
    run(
        "cso-support.csv",
        "cso-support",
        "--json",
        content=f"{support}\n1,Ali Gashi,1990,rent,2019-02-01,2019-03-01,50\n",
    )
    code, told = review()
    assert code == 0
    [waits] = told["waiting"]
    assert (waits["file"], waits["row"], len(waits["candidates"])) == ("cso-support.csv", 1, 2)
    refs = {person["person"] for person in linked()}
    assert set(waits["candidates"]) <= refs
    wrong = answers(tmp_path, "cso-support.csv,1,HW-NONE-NONE-NO", "cso-support.csv,9,new")
    code, told = review(wrong)
    assert (code, told["decided"], [one["row"] for one in told["refused"]]) == (1, 0, [1, 9])
    code, told = review(answers(tmp_path, f"cso-support.csv,1,{waits['candidates'][0]}"))
    assert (code, told["decided"], told["refused"], told["waiting"]) == (0, 1, [], [])
    assert {"file": "cso-support.csv", "row": 1} in next(
        one["rows"] for one in linked() if one["person"] == waits["candidates"][0]
    )


def test_an_answer_makes_a_new_person_or_leaves_the_row_out(run, tmp_path):
    row = "Gashi,Ali,M,1990,2017-08-23"
    head = "nr,mbiemri,emri,gjinia,data_e_lindjes,data_e_kthimit"
    run("three.csv", "dprrp-individual", content=f"{head}\n1,{row}\n2,{row}\n3,{row}\n4,{row}\n")
    given = answers(tmp_path, "three.csv,2,new", "three.csv,3,leave-out", "three.csv,4,row:1")
    code, told = review(given)
    assert (code, told["decided"], told["waiting"]) == (0, 3, [])
    rows = sorted(tuple(row["row"] for row in one["rows"]) for one in linked())
    assert rows == [(1, 4), (2,)]


@pytest.mark.parametrize(
    ("head", "row", "says"),
    [("file;row;answer", "", "the columns are"), ("file,row,answer", "a.csv,x,new", "invalid literal")],
)
def test_a_table_of_answers_that_is_none_is_refused(tokens, db_of_test, tmp_path, head, row, says):
    with pytest.raises(CommandError, match=says):
        review(answers(tmp_path, row, head=head))


def test_answers_need_a_file_and_a_member(tokens, db_of_test, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        review(str(tmp_path / "none.csv"))
    with pytest.raises(CommandError, match="no such member"):
        call_command("review", "--as", "nobody")
    out = StringIO()
    call_command("review", "--as", "auditor", stdout=out)
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["examples/none.csv", "--sender", "iom-reception", "--as", MEMBER], "No such file"),
        (["examples/kcs-custody.csv", "--sender", "nobody", "--as", MEMBER], "no such member or sender"),
        (
            ["examples/kcs-custody.csv", "--sender", "iom-reception", "--as", "nobody"],
            "no such member or sender",
        ),
        (["examples/kcs-custody.csv", "--sender", "iom-reception", "--as", "auditor"], "permission"),
    ],
)
def test_wrong_arguments_are_told(tokens, db_of_test, arguments, says):
    with pytest.raises(CommandError, match=says):
        call_command("intake", *arguments)


def test_links_are_for_members(tokens, db_of_test):
    with pytest.raises(CommandError, match="no such member"):
        call_command("linked", "--as", "nobody")
    out = StringIO()
    call_command("linked", "--as", "auditor", stdout=out)
    assert out.getvalue() == ""
