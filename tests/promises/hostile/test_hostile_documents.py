"""Generated documents: `python -m tests.promises.hostile` has 5,000 of them, this is a sample."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.promises.hostile.documents import documents
from tests.promises.hostile.trial import FORMATS, PLACES, Trial

placed = st.tuples(documents, st.sampled_from([*["manifest"] * 4, *PLACES]))
formats = st.sampled_from(FORMATS).map(lambda output: (output,))


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(document=placed, output=formats)
def test_no_document_breaks_a_command(tmp_path, document, output):
    Trial(tmp_path).examine(*document, output)
