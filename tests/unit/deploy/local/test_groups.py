"""After a restore every service reads again what came since the backup, and nothing else."""

from deploy.kafka.groups import set_back

NOW = {"prat.nlu.dialogue": {"prat.visitor.v1": {0: 9, 1: 4}, "prat.case.v1": {0: 3}}}


def test_a_group_goes_on_where_it_was() -> None:
    then = {"prat.nlu.dialogue": {"prat.visitor.v1": {0: 7, 1: 4}, "prat.case.v1": {0: 1}}}
    assert set_back(NOW, then) == then


def test_what_a_group_had_not_read_at_all_it_reads_from_the_start() -> None:
    then = {"prat.nlu.dialogue": {"prat.visitor.v1": {0: 7}}, "prat.gone.group": {"x": {0: 1}}}
    places = {"prat.visitor.v1": {0: 7, 1: 0}, "prat.case.v1": {0: 0}}
    assert set_back(NOW, then) == {"prat.nlu.dialogue": places}
    assert set_back(NOW, {})["prat.nlu.dialogue"]["prat.case.v1"] == {0: 0}
