"""A detector judges windows of a voice it never heard by what is usual among held-out speakers."""

from pathlib import Path

import numpy as np

from models.anomaly.member import OneClassMember
from tests.unit.anomaly.tables import broken, genuine


def test_unheard_genuine_windows_are_usual_and_others_are_not(tmp_path: Path) -> None:
    speakers = [i // 10 for i in range(400)]
    member = OneClassMember.fit("aakr", genuine(400, seed=0), groups=speakers)
    usual, strange = member.score(genuine(100, seed=1)), member.score(broken(100, seed=2))
    assert abs(usual.mean()) < 0.5
    assert np.median(strange) > 2.0
    member.save(tmp_path)
    np.testing.assert_allclose(OneClassMember.load(tmp_path).score(genuine(100, seed=1)), usual)
